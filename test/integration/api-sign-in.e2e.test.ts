import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../../src/app/password.ts'
import { type Answer, type Api, startApi } from '../support/api.ts'
import { Browser } from '../support/browser.ts'
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { twoTablesSql } from '../support/two-tables.ts'

const publicUrl = 'https://couplet.example'
const password = 'correct horse battery'
let provider: IdentityProvider
let couplet: Installation
let api: Api

beforeAll(async () => {
  provider = await startIdentityProvider(`${publicUrl}/sign-in/oidc/callback`, (name) =>
    name === 'olga' ? ['staff', 'sync-admins'] : name === 'vera' ? ['staff'] : ['others'],
  )
  couplet = await createInstallation({
    systemsSql: twoTablesSql,
    env: {
      COUPLET_PORT: '0',
      COUPLET_PUBLIC_URL: publicUrl,
      COUPLET_OIDC_ISSUER: provider.issuer,
      COUPLET_OIDC_CLIENT_ID: 'couplet',
      COUPLET_OIDC_CLIENT_SECRET: 'a secret between the two',
      COUPLET_OIDC_ROLE_CLAIM: 'groups',
      COUPLET_OIDC_ROLES: 'sync-admins=administer, staff=view',
      COUPLET_ACTIONS_PER_MINUTE: '20',
    },
  })
  api = await startApi(couplet.context)
  const { access } = couplet.context.deps.stores
  const account = { name: 'paula', role: 'operate', password: await hashPassword(password) } as const
  await access.createAccount(account, { actor: 'test' })
})
afterAll(async () => {
  await api?.close()
  await couplet?.close()
  await provider?.close()
})

const json = { 'content-type': 'application/json' }
const signIn = (body: object, headers: Record<string, string> = {}) =>
  api.send('/session', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
const cookieOf = (answer: Answer) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''
const audited = async (subject: string) =>
  couplet.context.deps.stores.access.listAudit({ limit: 20, before: null, subject })

describe('with a password', () => {
  let cookie: string
  beforeAll(async () => {
    cookie = cookieOf(await signIn({ name: 'paula', password }))
  })
  const who = (sent: string) => api.send('/session', { headers: { cookie: sent } })

  it('somebody gets a session that no script and no other site can use, with the role of the account', async () => {
    const answer = await signIn({ name: 'paula', password })
    expect(answer).toMatchObject({ status: 200, body: { name: 'paula', role: 'operate' } })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-couplet-session=[\w-]{43}; Max-Age=36000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect((await who(cookieOf(answer))).body).toEqual({ name: 'paula', kind: 'user', role: 'operate' })
    expect(cookieOf(answer)).not.toBe(cookie)
    expect((await audited('user paula')).map(({ action }) => action)).toContain('user.sign-in')
    const { rows } = await couplet.store.query('SELECT * FROM couplet.session')
    expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1])
  })

  it('a wrong one, and a name that does not exist, are refused alike', async () => {
    const wrong = await signIn({ name: 'paula', password: 'wrong' })
    const unknown = await signIn({ name: 'nobody', password })
    for (const answer of [wrong, unknown]) {
      expect(answer).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } })
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
    expect(wrong.body.detail).toBe(unknown.body.detail)
  })

  it('a name that Postgres cannot hold is refused as one', async () => {
    const answer = await signIn({ name: 'pa\0ula', password: 'a password' })
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
  })

  it('guessing ends after ten attempts, with the wait that is left, and locks out no other name', async () => {
    const answers: Answer[] = []
    for (let n = 0; n < 11; n += 1) answers.push(await signIn({ name: 'guessed', password: `guess ${n}` }))
    expect(answers.slice(0, 10).every(({ status }) => status === 401)).toBe(true)
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } })
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(800)
    expect((await signIn({ name: 'paula', password })).status).toBe(200)
  })

  it('only failures count: an office behind one address signs in as often as it likes', async () => {
    const { rows } = await couplet.store.query('SELECT sum(points)::int AS points FROM couplet.rate_limit')
    for (let n = 0; n < 12; n += 1) expect((await signIn({ name: 'paula', password })).status).toBe(200)
    const after = await couplet.store.query('SELECT sum(points)::int AS points FROM couplet.rate_limit')
    expect(after.rows).toEqual(rows)
  })

  it('a change needs proof that a page of ours asks for it; looking does not', async () => {
    const act = (headers: Record<string, string>) =>
      api.send('/api/v1/runs', {
        method: 'POST',
        headers: { cookie, ...json, ...headers },
        body: '{"kind":"nothing"}',
      })
    expect((await api.send('/api/v1/runs', { headers: { cookie } })).status).toBe(200)
    expect(await act({})).toMatchObject({ status: 403, body: { code: 'CROSS_SITE_REFUSED' } })
    expect((await act({ 'x-couplet': '1' })).status).toBe(400)
  })

  it('changes are limited in number', async () => {
    const act = () =>
      api.send('/api/v1/runs', { method: 'POST', headers: { cookie, ...json, 'x-couplet': '1' }, body: '{}' })
    let last = await act()
    for (let n = 0; n < 25 && last.status === 400; n += 1) last = await act()
    expect(last).toMatchObject({ status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } })
    expect((await api.send('/api/v1/runs', { headers: { cookie } })).status).toBe(200)
  })

  it('signing out ends the session and takes the cookie away; a stale cookie is told so', async () => {
    const own = cookieOf(await signIn({ name: 'paula', password }))
    const out = await api.send('/session', { method: 'DELETE', headers: { cookie: own } })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect(await who(own)).toMatchObject({ status: 401, body: { code: 'SIGN_IN_NEEDED' } })
    expect((await who(own)).headers.get('www-authenticate')).toBeNull()
  })
})

describe('at an identity provider', () => {
  const open = () =>
    new Browser((url) => (url.origin === publicUrl ? new URL(url.pathname + url.search, api.url) : url))

  /** Enters the name, and agrees. */
  async function pass(browser: Browser, name: string) {
    const login = await browser.visit(`${publicUrl}/sign-in/oidc`)
    const consent = await browser.submit(login, { login: name, password: 'any' })
    return browser.submit(consent, {})
  }
  const who = async (browser: Browser) => JSON.parse((await browser.visit(`${publicUrl}/session`)).text)

  it('somebody gets the highest role that the claims give', async () => {
    const olga = open()
    const page = await pass(olga, 'olga')
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You have signed in') })
    expect(await who(olga)).toEqual({ name: 'olga', kind: 'oidc', role: 'administer' })
    expect([...olga.cookies('couplet.example').keys()]).toEqual(['__Host-couplet-session'])
    expect((await audited('oidc olga'))[0]).toMatchObject({
      actor: 'oidc/olga',
      action: 'user.sign-in',
      detail: { way: 'oidc', subject: 'olga' },
    })
    const vera = open()
    await pass(vera, 'vera')
    expect(await who(vera)).toMatchObject({ name: 'vera', role: 'view' })
  })

  it('has a name of their own beside an account that is called the same, and its sessions end apart', async () => {
    const { access } = couplet.context.deps.stores
    const account = { name: 'vera', role: 'operate', password: await hashPassword(password) } as const
    await access.createAccount(account, { actor: 'test' })
    const cookie = cookieOf(await signIn({ name: 'vera', password }))
    const vera = open()
    await pass(vera, 'vera')
    const { body } = await api.get('/api/v1/sessions')
    const named = body.sessions.filter(({ name }: { name: string }) => name === 'vera')
    expect(named.map(({ kind, role }: Record<string, string>) => [kind, role])).toEqual(
      expect.arrayContaining([
        ['user', 'operate'],
        ['oidc', 'view'],
      ]),
    )
    expect(JSON.stringify(body)).not.toContain(cookie.split('=')[1])
    const ended = await api.post('/api/v1/sessions/end', { kind: 'oidc', name: 'vera', reason: 'left' })
    expect(ended.body.ended).toBeGreaterThan(0)
    expect(await who(vera)).toMatchObject({ code: 'SIGN_IN_NEEDED' })
    expect((await api.send('/session', { headers: { cookie } })).status).toBe(200)
    expect((await audited('oidc vera'))[0]).toMatchObject({
      actor: 'api/first-start',
      action: 'session.end',
      reason: 'left',
    })
    const [{ id }] = named.filter(({ kind }: { kind: string }) => kind === 'user')
    expect((await api.post('/api/v1/sessions/end', { id })).body).toEqual({ ended: 1 })
    expect((await api.post('/api/v1/sessions/end', { id })).body).toEqual({ ended: 0 })
    expect((await api.send('/session', { headers: { cookie } })).status).toBe(401)
  })

  it('somebody without a role is not let in', async () => {
    const browser = open()
    const page = await pass(browser, 'otto')
    expect(page.status).toBe(403)
    expect(JSON.parse(page.text)).toMatchObject({ code: 'IDENTITY_REFUSED' })
    expect(browser.cookies('couplet.example').has('__Host-couplet-session')).toBe(false)
  })

  it('an answer is taken once, from the browser that has asked, and with its own state', async () => {
    const browser = open()
    const begun = await api.send('/sign-in/oidc', {})
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state')
    expect(begun.headers.get('location')).toContain('code_challenge_method=S256')
    const back = (query: string, cookie = '') =>
      api.send(`/sign-in/oidc/callback?${query}`, { headers: { cookie } })
    const refused = { status: 403, body: { code: 'IDENTITY_REFUSED' } }
    expect(await back(`code=x&state=${state}`)).toMatchObject(refused)
    const cookie = cookieOf(begun)
    expect(await back('code=x&state=of-somebody-else', cookie)).toMatchObject(refused)
    expect(await back(`code=x&state=${state}`, cookie)).toMatchObject(refused)
    expect(browser.cookies('couplet.example').size).toBe(0)
  })
})

it('the form sends the password in a body, also where its script does not run', async () => {
  const { text } = await api.send('/sign-in', {})
  expect(text).toMatch(/<form id="sign-in" method="post">/)
})

it('pages run no script but their own, and are framed by nobody', async () => {
  for (const path of ['/', '/sign-in', '/sign-in.js', '/session', '/nothing']) {
    const { headers } = await api.send(path, {})
    const policy = headers.get('content-security-policy') ?? ''
    expect([path, policy.includes("default-src 'none'"), policy.includes('unsafe')]).toEqual([
      path,
      true,
      false,
    ])
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get('strict-transport-security')).toContain('max-age')
  }
})
