import { type DataverseOptions, startDataverse } from '../../src/simulators/dataverse/simulator.ts'
import { Fault } from '../../src/simulators/kit/faults.ts'

/** One answer, its body read as JSON where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly json: any
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const application = { clientId: 'app-1', clientSecret: 'open sesame' }

/** How many of each kind the tests' organization has. */
export const smallSize = { customers: 40, vendors: 4, contacts: 64, items: 30, resources: 5 }

/** A running Dataverse with one signed-in user; its clock stands until it is advanced. */
export async function openDataverse(options: Partial<DataverseOptions> = {}) {
  const start = Date.UTC(2024, 5, 1, 12)
  const simulator = await startDataverse({
    time: { now: () => new Date(start), monotonicMs: () => 0 },
    size: smallSize,
    applications: [application],
    ...options,
  })
  const root = `${simulator.url}/api/data/v9.2`
  let token = await signIn(simulator.url)
  const call = async (
    method: string,
    path: string,
    { body, headers = {} }: CallOptions = {},
  ): Promise<Answer> => {
    const url = path.startsWith('http') ? path : `${root}/${path}`
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        accept: 'application/json',
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    })
    return readAnswer(answer)
  }
  return {
    simulator,
    root,
    call,
    get: (path: string, prefer?: string) => call('GET', path, prefer ? { headers: { prefer } } : {}),
    async admin(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
      return (await readAnswer(await fetch(`${simulator.url}/_admin/${path}`, init))).json
    },
    inject: (fault: unknown) => simulator.faults.add(Fault.parse(fault)),
    async signIn() {
      token = await signIn(simulator.url)
    },
    close: () => simulator.close(),
  }
}

export type OpenDataverse = Awaited<ReturnType<typeof openDataverse>>

async function readAnswer(answer: Response): Promise<Answer> {
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true && text !== ''
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : null }
}

/** A token for the application. */
export async function signIn(url: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.clientSecret,
    scope: `${url}/.default`,
  })
  const answer = await fetch(`${url}/contoso/oauth2/v2.0/token`, { method: 'POST', body: form })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** `404 0x80040217`, as tests compare refusals. */
export function refusalOf(answer: Answer): string {
  return `${answer.status} ${answer.json?.error?.code ?? ''}`
}

/** All records behind a link, page by page. */
export async function readAll(dataverse: OpenDataverse, path: string, prefer: string) {
  const pages: Answer[] = []
  for (let link: string | undefined = path; link !== undefined; ) {
    const page: Answer = await dataverse.get(link, prefer)
    pages.push(page)
    link = page.json['@odata.nextLink']
  }
  return { pages, records: pages.flatMap((page) => page.json.value), last: pages.at(-1)?.json }
}
