import {
  type BusinessCentralOptions,
  type RunningBusinessCentral,
  scope,
  startBusinessCentral,
} from '../../src/simulators/business-central/simulator.ts'

const application = { clientId: 'sync-app', clientSecret: 'quiet as a mouse' }
const user = { name: 'SYNC', accessKey: 'a key with: a colon' }

/** A Business Central of its own with 60 customers, no limits and the clock of this machine. */
export function startCronus(options: Partial<BusinessCentralOptions> = {}): Promise<RunningBusinessCentral> {
  return startBusinessCentral({
    port: 0,
    host: '127.0.0.1',
    customers: 60,
    seed: 1,
    tenant: 'contoso',
    applications: [application],
    users: [user],
    limits: null,
    serviceTime: { requestMs: 0, rowMs: 0 },
    duplicateStatus: 400,
    createsContacts: true,
    clock: { now: () => new Date(), monotonicMs: () => performance.now() },
    timeScale: 1,
    faults: [],
    ...options,
  })
}

/** One answer as tests look at it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  readonly json: any
}

export interface Ask {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Plain `fetch` against a running server, signed in. */
export interface Client {
  /** A path below API v2.0, or a whole address. */
  api(path: string, ask?: Ask): Promise<Answer>
  /** A path below the company of API v2.0. */
  company(path: string, ask?: Ask): Promise<Answer>
  /** A path below the company of the custom API. */
  custom(path: string, ask?: Ask): Promise<Answer>
  /** A path below the page web services of the company, signed in by name and key. */
  pages(path: string, ask?: Ask): Promise<Answer>
  admin(path: string, ask?: Ask): Promise<Answer>
}

export async function signIn(server: RunningBusinessCentral): Promise<Client> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.clientSecret,
    scope,
  })
  const answer = await fetch(server.tokenUrl, { method: 'POST', body: form })
  const { access_token } = (await answer.json()) as { access_token: string }
  const bearer = `Bearer ${access_token}`
  const basic = `Basic ${Buffer.from(`${user.name}:${user.accessKey}`).toString('base64')}`
  const [company] = server.companies
  const standard = `${server.onlineUrl}/api/v2.0`
  const name = encodeURIComponent(company?.name ?? '')
  const at = (root: string, authorization: string) => (path: string, ask?: Ask) =>
    send(path.startsWith('http') ? path : `${root}/${path}`, authorization, ask)
  return {
    api: at(standard, bearer),
    company: at(`${standard}/companies(${company?.id})`, bearer),
    custom: at(`${server.onlineUrl}/api/couplet/sync/v1.0/companies(${company?.id})`, bearer),
    pages: at(`${server.onPremisesUrl}/ODataV4/Company('${name}')`, basic),
    admin: at(`${server.url}/_admin`, ''),
  }
}

async function send(url: string, authorization: string, ask: Ask = {}): Promise<Answer> {
  const text = typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body)
  const answer = await fetch(url, {
    method: ask.method ?? (ask.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(authorization === '' ? {} : { authorization }),
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
    ...(ask.body === undefined ? {} : { body: text }),
  })
  const body = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: answer.status,
    headers: answer.headers,
    text: body,
    json: isJson ? JSON.parse(body) : null,
  }
}
