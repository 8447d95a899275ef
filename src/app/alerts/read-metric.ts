import { lateForMs } from '../../core/alerts/lateness.ts'
import { readDownConnections, readUntakenQueues } from '../../core/alerts/reach.ts'
import type { AlertMetric, AlertReading } from '../../core/alerts/rule.ts'
import type { IssueTotal } from '../../core/ports/observation-store.ts'
import { queueNames } from '../../queue/backend.ts'
import type { Context } from '../context.ts'
import { checkPart } from '../health.ts'
import { LEADERSHIP } from '../leader-part.ts'
import { QUEUE_TIMEOUT_MS, readBudgets, readQueues } from '../metrics/read-installation.ts'

type Source = Pick<Context, 'deps' | 'care' | 'backend' | 'log'>
type Read = (source: Source, windowMinutes: number) => Promise<readonly AlertReading[]>

/** All values of a metric at this moment. Throws when its source cannot be reached. */
export function readMetric(
  source: Source,
  metric: AlertMetric,
  windowMinutes: number,
): Promise<readonly AlertReading[]> {
  return readers[metric](source, windowMinutes)
}

/** One way of asking per metric; a metric without one does not compile. */
const readers: Readonly<Record<AlertMetric, Read>> = {
  'mapping-late': readLateness,
  'mapping-age': readAges,
  'failed-records': async ({ care }, minutes) =>
    (await care.observation.countRecentFailures(minutes)).map(({ pair, mapping, records }) =>
      ofMapping(pair, mapping, records),
    ),
  'failed-runs': async ({ care }, minutes) =>
    (await care.observation.countRecentlyFailedRuns(minutes)).map(({ pair, runs }) => ofPair(pair, runs)),
  'open-issues': (source) => readIssues(source, ({ kind, records }) => (kind === 'conflict' ? 0 : records)),
  'open-conflicts': (source) =>
    readIssues(source, ({ kind, records }) => (kind === 'conflict' ? records : 0)),
  'held-deletions': (source) => readIssues(source, ({ held }) => held),
  'queue-wait': async (source) =>
    (await readQueues(source)).map(({ queue, oldestWaitingMs }) => ({
      subject: `queue ${queue}`,
      pairName: null,
      mappingName: null,
      value: Math.floor((oldestWaitingMs ?? 0) / 1_000),
    })),
  'run-duration': readDurations,
  'budget-used': async (source) =>
    (await readBudgets(source)).map(({ connection, identity, facets }) => ({
      subject: `connection ${connection}, user ${identity}`,
      pairName: null,
      mappingName: null,
      value: Math.max(...facets.map(({ used, limit }) => Math.floor((used * 100) / limit))),
    })),
  'webhook-failing': readFailingWebhooks,
  'queue-unreachable': async ({ deps }) => {
    const { status } = await checkPart('queue', () => deps.queue.check(), deps, QUEUE_TIMEOUT_MS)
    const value = status === 'ok' ? 0 : 1
    return [{ subject: 'queue server', pairName: null, mappingName: null, value }]
  },
  'connection-down': async ({ deps }) =>
    readDownConnections(await deps.stores.control.listBreakers(), deps.clock.now().getTime()),
  'no-worker': async ({ care }) => readUntakenQueues(await care.processes.listProcesses(), queueNames),
  'no-leader': async ({ deps }) => {
    const value = (await deps.stores.leases.isHeld(LEADERSHIP)) ? 0 : 1
    return [{ subject: 'schedulers', pairName: null, mappingName: null, value }]
  },
}

/** Also those that were disabled by it: nobody is told of anything there any more. */
async function readFailingWebhooks({ care, deps }: Source): Promise<readonly AlertReading[]> {
  const now = deps.clock.now().getTime()
  return (await care.webhooks.list()).flatMap(({ name, failingSince }) => {
    if (failingSince === null) return []
    const value = minutes((now - Date.parse(failingSince)) / 1_000)
    return [{ subject: `webhook ${name}`, pairName: null, mappingName: null, value }]
  })
}

/** By the mappings' own schedules: one that runs at night is not late at noon. */
async function readLateness({ care, deps }: Source): Promise<readonly AlertReading[]> {
  const { mappings, schedules } = deps.stores
  const [ages, all, pairs] = await Promise.all([
    care.observation.listMappingAges(),
    schedules.list(),
    mappings.listPairs(),
  ])
  const idOf = new Map(pairs.map(({ name, id }) => [name, id]))
  const nowMs = deps.clock.now().getTime()
  const readings = ages.flatMap((age) => {
    const ofPair = all.filter(({ pairId }) => pairId === idOf.get(age.pair))
    const lateMs = lateForMs(age, ofPair, nowMs)
    return lateMs === null ? [] : [ofMapping(age.pair, age.mapping, minutes(lateMs / 1_000))]
  })
  return highest(readings)
}

/** Of scheduled mappings, the direction that is further behind. Who synchronizes by hand is not told when. */
async function readAges({ care }: Source): Promise<readonly AlertReading[]> {
  const ages = (await care.observation.listMappingAges()).filter(({ isScheduled }) => isScheduled)
  return highest(ages.map(({ pair, mapping, ageSeconds }) => ofMapping(pair, mapping, minutes(ageSeconds))))
}

async function readIssues(
  { care }: Source,
  count: (total: IssueTotal) => number,
): Promise<readonly AlertReading[]> {
  const sums = new Map<string, AlertReading>()
  for (const total of await care.observation.listIssueTotals()) {
    const reading = ofMapping(total.pair, total.mapping, count(total))
    const value = reading.value + (sums.get(reading.subject)?.value ?? 0)
    sums.set(reading.subject, { ...reading, value })
  }
  return [...sums.values()]
}

async function readDurations({ care }: Source): Promise<readonly AlertReading[]> {
  const runs = await care.observation.listUnfinishedRuns()
  return highest(runs.map(({ pair, oldestSeconds }) => ofPair(pair, minutes(oldestSeconds))))
}

function highest(readings: readonly AlertReading[]): readonly AlertReading[] {
  const found = new Map<string, AlertReading>()
  for (const reading of readings) {
    const before = found.get(reading.subject)
    if (before === undefined || before.value < reading.value) found.set(reading.subject, reading)
  }
  return [...found.values()]
}

const minutes = (seconds: number) => Math.max(0, Math.floor(seconds / 60))
const ofMapping = (pair: string, mapping: string, value: number): AlertReading => ({
  subject: `mapping ${mapping} of ${pair}`,
  pairName: pair,
  mappingName: mapping,
  value,
})
const ofPair = (pair: string, value: number): AlertReading => ({
  subject: `pair ${pair}`,
  pairName: pair,
  mappingName: null,
  value,
})
