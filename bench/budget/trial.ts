import { Client } from 'pg'
import { systemClock } from '../../src/app/clock.ts'
import type { Context } from '../../src/app/context.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import { type RunningDataverse, startDataverse } from '../../src/simulators/dataverse/simulator.ts'
import type { ServiceTime } from '../../src/simulators/dataverse/site.ts'
import type { Limits } from '../../src/simulators/dataverse/throttle.ts'
import type { RecordedRequest } from '../../src/simulators/kit/recorder.ts'
import { importMappings } from '../../src/usecases/setup/import-mappings.ts'
import { runToEnd } from '../run-to-end.ts'
import { openScaledContext, type ScaledOptions } from './scaled-context.ts'

export const trialTables = ['account', 'contact'] as const
export type TrialTable = (typeof trialTables)[number]

/** A full synchronization into an empty, limited Dataverse. */
export interface TrialOptions {
  /** An empty database, for the records to send and for the store. */
  readonly databaseUrl: string
  /** Records to be created in each table; both tables are worked on at the same time. */
  readonly counts: Readonly<Record<TrialTable, number>>
  readonly limits: Limits
  readonly serviceTime: ServiceTime
  readonly scale: number
  readonly workers: number
  readonly env: Readonly<Record<string, string>>
  readonly startWorker: (options: ScaledOptions) => Promise<{ stop(): Promise<void> }>
}

export interface TrialResult {
  /** All requests of the run, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** Records in Dataverse at the end. */
  readonly created: Readonly<Record<TrialTable, number>>
}

const secret = 'of no worth'
const clientId = 'trial'
/** The recorder keeps no more. */
const MOST_REQUESTS = 10_000

/** Throws when the run does not succeed. */
export async function runTrial(options: TrialOptions): Promise<TrialResult> {
  const { databaseUrl, scale, env } = options
  const simulator = await startDataverse({
    time: systemClock,
    scale,
    size: { customers: 0, vendors: 0, contacts: 0, items: 0, resources: 0 },
    applications: [{ clientId, clientSecret: secret }],
    limits: options.limits,
    serviceTime: options.serviceTime,
  })
  const process = { databaseUrl, scale, secret, env }
  const closers = [() => simulator.close()]
  try {
    await makeTables(options)
    const context = await openScaledContext(process)
    closers.push(() => context.close())
    const pairId = await setUp(context, simulator, options)
    const workers = await Promise.all(
      Array.from({ length: options.workers }, () => options.startWorker(process)),
    )
    closers.push(...workers.map((worker) => () => worker.stop()))
    simulator.recorder.reset()
    await runToEnd(context, pairId, { kind: 'full', mapping: null })
    return resultOf(simulator)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

async function resultOf({ recorder, url }: RunningDataverse): Promise<TrialResult> {
  if (recorder.counters().requests > MOST_REQUESTS) throw new Error('More requests than the recorder keeps')
  const requests = recorder.requests().filter((each) => each.url.startsWith('/api/'))
  const answer = await fetch(`${url}/_admin/tables`)
  const tables = (await answer.json()) as readonly { name: string; records: number }[]
  const count = (table: TrialTable) => tables.find(({ name }) => name === table)?.records ?? 0
  return { requests, created: { account: count('account'), contact: count('contact') } }
}

async function makeTables({ databaseUrl, counts }: TrialOptions): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('CREATE SCHEMA source')
  for (const table of trialTables) {
    await client.query(`
      CREATE TABLE source.${table} (id uuid PRIMARY KEY, no varchar(20), name varchar(50), street varchar(100),
        city varchar(30), phone varchar(30), credit numeric(18,2));
      INSERT INTO source.${table} SELECT md5('${table} ' || n)::uuid, 'C' || n, 'Customer ' || n, 'Harbour Street ' || n % 300,
        'City ' || n % 997, '+45 ' || 10000000 + n, n * 1.25 FROM generate_series(1, ${counts[table]}) n`)
  }
  await client.end()
}

const address = [
  ['street', 'address1_line1'],
  ['city', 'address1_city'],
  ['phone', 'telephone1'],
] as const
/** Local field and remote field. */
const fields: Readonly<Record<TrialTable, readonly (readonly [string, string])[]>> = {
  account: [['no', 'accountnumber'], ['name', 'name'], ['credit', 'creditlimit'], ...address],
  contact: [['name', 'lastname'], ...address],
}

/** What the connection is told of the limits; one request at once less, since the service counts the one it refuses. */
function settingsOf({ requests, executionMs, concurrent }: Limits): Readonly<Record<string, string>> {
  return {
    ...(requests === null ? {} : { requestsPerFiveMinutes: String(requests) }),
    ...(executionMs === null ? {} : { executionSecondsPerFiveMinutes: String(executionMs / 1_000) }),
    ...(concurrent === null ? {} : { requestsAtOnce: String(concurrent - 1) }),
  }
}

async function setUp(
  { deps }: Context,
  { url, tenant }: RunningDataverse,
  { databaseUrl, limits }: TrialOptions,
): Promise<number> {
  process.env['TRIAL_SYSTEMS_URL'] = databaseUrl
  const { mappings } = deps.stores
  await mappings.saveConnection({
    name: 'local',
    kind: 'postgres',
    settings: { url: 'env:TRIAL_SYSTEMS_URL', schema: 'source' },
  })
  await mappings.saveConnection({
    name: 'remote',
    kind: 'dataverse',
    settings: {
      url,
      tenant,
      authority: url,
      clientId,
      clientSecret: 'env:TRIAL_SECRET',
      ...settingsOf(limits),
    },
  })
  const pair = await mappings.savePair({
    name: 'trial',
    local: { connection: 'local', company: '' },
    remote: { connection: 'remote', company: '' },
  })
  const definitions = trialTables.map((table) =>
    MappingDefinition.parse({
      name: table,
      direction: 'ToIntegrationTable',
      local: { table },
      remote: { table, modifiedField: 'modifiedon' },
      fields: fields[table].map(([local, remote]) => ({ local, remote })),
    }),
  )
  const report = await importMappings(pair, definitions, { changedBy: 'trial', reason: 'trial' }, deps)
  if (report.imported.length < definitions.length)
    throw new Error(report.problems.map(({ message }) => message).join('\n'))
  return pair.id
}
