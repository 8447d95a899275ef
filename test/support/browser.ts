/** A page that was reached, where, and with what. */
export interface Visited {
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** As much of a browser as signing in needs: it keeps cookies by host and follows redirects. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #real: (url: URL) => URL

  /** `real` says where a host really lies. */
  constructor(real: (url: URL) => URL) {
    this.#real = real
  }

  cookies(host: string): ReadonlyMap<string, string> {
    return this.#cookies.get(host) ?? new Map()
  }

  async visit(address: string | URL, init: RequestInit = {}): Promise<Visited> {
    let url = new URL(address)
    let sent = init
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.#fetch(url, sent)
      const location = answer.headers.get('location')
      if (location === null) {
        return { url, status: answer.status, headers: answer.headers, text: await answer.text() }
      }
      url = new URL(location, url)
      sent = {}
    }
    throw new Error(`Too many redirects, the last one to ${url}`)
  }

  /** Sends the form of a page, with these values in it. */
  submit(page: Visited, values: Readonly<Record<string, string>>): Promise<Visited> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1]
    if (action === undefined) throw new Error(`There is no form at ${page.url}: ${page.text}`)
    const hidden = [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams()
    for (const [, name = '', value = ''] of hidden) body.set(name, value)
    for (const [name, value] of Object.entries(values)) body.set(name, value)
    return this.visit(new URL(action, page.url), { method: 'POST', body })
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies(url.host)].map((pair) => pair.join('=')).join('; ')
    const headers = new Headers(init.headers)
    if (cookie) headers.set('cookie', cookie)
    const answer = await fetch(this.#real(url), { ...init, headers, redirect: 'manual' })
    for (const each of answer.headers.getSetCookie()) this.#keep(url.host, each)
    return answer
  }

  #keep(host: string, header: string): void {
    const [pair = '', ...attributes] = header.split(';')
    const at = pair.indexOf('=')
    const jar = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, jar)
    const isGone = attributes.some((each) => /^ *(max-age=0|expires=Thu, 01 Jan 1970.*)$/i.test(each))
    if (isGone) jar.delete(pair.slice(0, at))
    else jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}
