import { Client } from 'pg'
import { Agent, fetch } from 'undici'
import { openEnqueuer } from '../../src/app/enqueue.ts'
import { sleep } from '../../src/lib/sleep.ts'
import { customerMapping } from '../customers.ts'
import { expectEqual, seconds } from '../measure.ts'
import type { BenchServer } from '../server.ts'
import { atPace, type Paced } from './at-pace.ts'
import { type LoadInstallation, openInstallation } from './installation.ts'

export interface RequestOptions {
  readonly queueUrl: string | null
  /** Customers; each of them is asked for once in bulk, and again. */
  readonly size: number
  /** Requests to the API in a minute. */
  readonly perMinute: number
}

export interface RequestResult {
  /** One customer a call, 50 a second, from inside another service. */
  readonly enqueue: Paced
  /** The same over HTTP. */
  readonly startRun: Paced
  /** Seconds until all customers were accepted, twice, and until all of them were created; how often one was looked at for it. */
  readonly bulk: { readonly accepted: number; readonly done: number; readonly reads: number }
  /** Reading, and in every tenth call asking for a record, beside a full synchronization that begins again whenever it is over. */
  readonly api: Paced & { readonly fullSyncs: number }
}

/** How many single calls, and how many of them a second. */
const singles = [1_000, 50] as const
const BULK = 1_000

export async function measureRequests(server: BenchServer, options: RequestOptions): Promise<RequestResult> {
  const databaseUrl = await server.createDatabase(options.size)
  const { queueUrl } = options
  const mappings = [customerMapping]
  const couplet = await openInstallation({ databaseUrl, queueUrl, systemsUrl: databaseUrl, mappings })
  const keys = await readKeys(databaseUrl)
  try {
    await couplet.start('worker')
    await couplet.start('scheduler')
    const api = await couplet.startApi()
    const ask = openAsk(api)
    const bulk = await askForAll(ask, databaseUrl, keys)
    await server.settle(databaseUrl)
    const prefix = couplet.env['COUPLET_QUEUE_PREFIX'] ?? ''
    const enqueue = await enqueueSingles(databaseUrl, queueUrl, prefix, keys)
    const startRun = await atPace(...singles, (at) => ask('runs', recordRun(keyAt(keys, at))))
    return { bulk, enqueue, startRun, api: await askBesideSync(couplet, ask, keys, options) }
  } finally {
    await couplet.close()
    await server.drop(databaseUrl)
  }
}

const recordRun = (key: string) => ({ kind: 'records', mapping: 'CUSTOMER', keys: [key], deduplicate: true })
const keyAt = (keys: readonly string[], at: number): string => keys[at % keys.length] ?? ''

async function readKeys(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ id: string }>('SELECT id FROM nav.customer ORDER BY id')
  await client.end()
  return rows.map(({ id }) => id)
}

async function enqueueSingles(
  databaseUrl: string,
  queueUrl: string | null,
  queuePrefix: string,
  keys: readonly string[],
): Promise<Paced> {
  const enqueuer = await openEnqueuer({
    databaseUrl,
    queuePrefix,
    ...(queueUrl === null ? {} : { queueUrl }),
  })
  try {
    return await atPace(...singles, async (at) => {
      await enqueuer.enqueue({ mapping: 'CUSTOMER', side: 'local', keys: [keyAt(keys, at)] })
    })
  } finally {
    await enqueuer.close()
  }
}

type Ask = (path: string, body?: object) => Promise<void>

/** As many connections as some services together keep open. What is asked while all are busy waits, and its time counts. */
const CONNECTIONS = 64

/** Sends each request once, so that nothing is hidden by a repetition; throws for what is not answered as it should be. */
function openAsk({ url, key }: { readonly url: string; readonly key: string }): Ask {
  const dispatcher = new Agent({ connections: CONNECTIONS })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async (path, body) => {
    const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${url}/api/v1/${path}`, { ...how, headers, dispatcher })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`)
  }
}

/** Everything over HTTP, a thousand a call, four calls at once; then everything once more, while the first ones are worked on. */
async function askForAll(ask: Ask, url: string, keys: readonly string[]): Promise<RequestResult['bulk']> {
  const begun = performance.now()
  const parts = Array.from({ length: Math.ceil(keys.length / BULK) }, (_, at) =>
    keys.slice(at * BULK, (at + 1) * BULK),
  )
  const askAll = async (open: string[][]) => {
    for (let part = open.pop(); part !== undefined; part = open.pop())
      await ask('runs', { kind: 'records', mapping: 'CUSTOMER', keys: part, createMissing: true })
  }
  const open = [...parts, ...parts].map((part) => [...part])
  const accepted = await seconds(async () => {
    await Promise.all(Array.from({ length: 4 }, () => askAll(open)))
  })
  const reads = await untilDone(url, keys.length)
  return { accepted, done: (performance.now() - begun) / 1_000, reads }
}

async function untilDone(url: string, size: number): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const count = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n)
  while ((await count(`SELECT count(*) n FROM couplet.run WHERE state IN ('queued', 'running')`)) > 0) {
    await sleep(100, new AbortController().signal)
  }
  expectEqual('records created', await count('SELECT count(*) n FROM crm.account'), size)
  expectEqual('couplings', await count('SELECT count(*) n FROM couplet.coupling'), size)
  expectEqual('issues', await count('SELECT count(*) n FROM couplet.issue'), 0)
  const reads = await count('SELECT sum(read) n FROM couplet.job')
  await client.end()
  return reads
}

async function askBesideSync(
  couplet: LoadInstallation,
  ask: Ask,
  keys: readonly string[],
  { perMinute }: RequestOptions,
): Promise<RequestResult['api']> {
  let isOver = false
  let fullSyncs = 0
  const syncs = (async () => {
    while (!isOver) {
      await couplet.run('full')
      fullSyncs += 1
    }
  })()
  const history = (key: string) => ask(`records/history?mapping=CUSTOMER&key=${key}`)
  const runs = () => ask('runs?limit=20')
  const couplings = () => ask('couplings?mapping=CUSTOMER&limit=50')
  // One in ten asks for work, as one in ten edits of a shop or a form does.
  const calls = [
    ...[runs, couplings, history, () => ask('issues?limit=50'), runs],
    ...[couplings, history, () => ask('mappings'), history, (key: string) => ask('runs', recordRun(key))],
  ]
  const paced = await atPace(perMinute, perMinute / 60, async (at) => {
    await calls[at % calls.length]?.(keyAt(keys, at * 7919))
  })
  isOver = true
  await syncs
  return { ...paced, fullSyncs }
}
