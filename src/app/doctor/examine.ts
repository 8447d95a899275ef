import { statfs } from 'node:fs/promises'
import { breakerInWords } from '../../core/control/breaker.ts'
import { pauseInWords } from '../../core/control/pause.ts'
import { areas, type Finding, good, warning } from '../../core/doctor/finding.ts'
import {
  judgeDisk,
  judgeNode,
  judgeProcesses,
  judgeQueues,
  judgeRedis,
  judgeServer,
  judgeSystem,
  judgeWork,
} from '../../core/doctor/judge.ts'
import { judgeAnnouncing } from '../../core/doctor/judge-announcing.ts'
import { type Asked, judgeSystemClock } from '../../core/doctor/judge-clock.ts'
import { judgeRetention } from '../../core/doctor/judge-retention.ts'
import { judgeWebhooks } from '../../core/doctor/judge-webhooks.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { Connector } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import type { Log } from '../../core/ports/runtime.ts'
import type { EmbeddedPostgres } from '../../embedded/postgres.ts'
import { withoutCredentials } from '../../lib/credentials.ts'
import type { QueueBackend } from '../../queue/backend.ts'
import { createJobQueue } from '../../queue/job-queue.ts'
import { observeQueues } from '../../queue/observe.ts'
import type { Care } from '../../store/care.ts'
import { planAnnouncing } from '../../usecases/announcements/switch-announcing.ts'
import type { Deps } from '../../usecases/deps.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { newRunMsOf } from '../context.ts'
import { keepDaysOf } from '../retention-settings.ts'
import { findLostRuns } from './find-lost-runs.ts'

/** A system that does not answer for so long is not waited for. */
const SYSTEM_TIMEOUT_MS = 20_000

/** What an examination works with. */
export interface Examined {
  readonly config: Config
  readonly log: Log
  readonly embedded: EmbeddedPostgres | null
  readonly care: Care
  readonly deps: Pick<Deps, 'stores' | 'connect' | 'clock'>
  /** Or why it could not be opened. */
  readonly backend: QueueBackend | SyncError
}

/**
 * Looks at everything an installation needs, changes nothing, and tells what it has found, area by area. What cannot be
 * asked is a finding itself. The store answers, and its migrations are complete.
 */
export async function examine(context: Examined): Promise<readonly Finding[]> {
  const parts = [
    ask('program', async () => [judgeNode(process.versions.node)]),
    ask('store', () => examineStore(context)),
    ask('queue', async () => [
      ...(await examineQueue(context)),
      ...(await ask('queue', () => examineRuns(context), 'runs')),
    ]),
    ask('processes', async () => judgeProcesses(await context.care.processes.listProcesses())),
    ask('systems', () => examineSystems(context)),
    ask('work', () => examineWork(context)),
  ]
  const found = (await Promise.all(parts)).flat()
  return [...found].sort((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area))
}

/** What can be said while the store cannot be asked. */
export async function examineWithoutStore(
  store: SyncError,
  backend: Examined['backend'],
): Promise<readonly Finding[]> {
  const unknown = (['processes', 'systems', 'work'] as const).map((area) =>
    warning(area, area, 'not looked at: all about it is in the store', 'Mend the store first.'),
  )
  const parts = [
    ask('program', async () => [judgeNode(process.versions.node)]),
    ask('store', () => Promise.reject(store)),
    ask('queue', () => examineQueue({ backend, deps: { clock: systemClock } })),
  ]
  return [...(await Promise.all(parts)).flat(), ...unknown]
}

async function ask(
  area: Finding['area'],
  look: () => Promise<readonly Finding[]>,
  what: string = area,
): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    const { message, remedy } = toSyncError(error)
    return [{ area, what, state: 'bad', detail: withoutCredentials(message), remedy }]
  }
}

async function examineStore({ care, config, embedded, deps }: Examined): Promise<readonly Finding[]> {
  const [facts, asked] = await timed(deps, () => care.doctor.describeServer())
  const findings = [
    ...judgeServer(facts, asked),
    judgeRetention(await care.retention.listRounds(), keepDaysOf(config)),
  ]
  if (embedded === null) return findings
  const { bavail, bsize } = await statfs(config.dataDir)
  return [...findings, judgeDisk(bavail * bsize, config.dataDir)]
}

/** Nothing where the queue cannot be asked: that is said already. */
async function examineRuns({ backend, log, config, deps }: Examined): Promise<readonly Finding[]> {
  if (backend instanceof SyncError) return []
  const queue = createJobQueue(backend, log)
  return [await findLostRuns({ ...deps, queue, newRunMs: newRunMsOf(config) })]
}

/** An answer, with the clock of this process around the question. */
async function timed<T>({ clock }: Pick<Deps, 'clock'>, ask: () => Promise<T>): Promise<[T, Asked]> {
  const askedMs = clock.now().getTime()
  const answer = await ask()
  return [answer, { askedMs, answeredMs: clock.now().getTime() }]
}

async function examineQueue({
  backend,
  deps,
}: {
  backend: Examined['backend']
  deps: Pick<Deps, 'clock'>
}): Promise<readonly Finding[]> {
  if (backend instanceof SyncError) throw backend
  const [facts, asked] = await timed(deps, () => backend.describe())
  await backend.check()
  const server = facts === null ? [good('queue', 'server', 'Postgres answers')] : judgeRedis(facts, asked)
  return [...server, judgeQueues(await observeQueues(backend, deps.clock.now().getTime()))]
}

async function examineSystems({ deps }: Examined): Promise<readonly Finding[]> {
  const connections = await deps.stores.mappings.listConnections()
  return (await Promise.all(connections.map((connection) => examineSystem(connection, deps)))).flat()
}

async function examineSystem(
  connection: ConnectionRecord,
  deps: Examined['deps'],
): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(SYSTEM_TIMEOUT_MS)
  try {
    const connector = await deps.connect(connection)
    await connector.check(signal)
    const late = (await connector.describeGuarantees?.(signal))?.reasons ?? []
    return [
      ...judgeSystem(connection.name, { failure: null, late }),
      ...(await examineClock(connection.name, connector, deps, signal)),
      ...(await examineAnnouncing(connection, deps)),
    ]
  } catch (error) {
    const failure = signal.aborted
      ? `has not answered within ${SYSTEM_TIMEOUT_MS / 1_000} s`
      : withoutCredentials(toSyncError(error).message)
    return judgeSystem(connection.name, { failure, late: [] })
  }
}

/** After the check, which has signed in: then an answer takes no longer than the way there and back. */
async function examineClock(
  connection: string,
  connector: Connector,
  deps: Examined['deps'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (connector.readClock === undefined) return []
  const read = connector.readClock.bind(connector, signal)
  const [clock, asked] = await timed(deps, read)
  return [judgeSystemClock(connection, clock, asked)]
}

async function examineAnnouncing(
  connection: ConnectionRecord,
  deps: Examined['deps'],
): Promise<readonly Finding[]> {
  if (connection.settings['announce'] !== 'on') return []
  const { tables } = await planAnnouncing(connection, 'on', deps)
  return [judgeAnnouncing(connection.name, tables)]
}

async function examineWork({ care, deps }: Examined): Promise<readonly Finding[]> {
  const { control } = deps.stores
  const holds = [
    ...(await control.listPauses()).map((pause) => pauseInWords(pause)),
    ...(await control.listBreakers()).map(
      ({ connection, state }) => `Connection ${connection} is ${breakerInWords(state)}`,
    ),
  ]
  const ages = (await care.observation.listUnfinishedRuns()).map(({ oldestSeconds }) => oldestSeconds)
  const oldest = ages.length === 0 ? null : Math.max(...ages)
  return [
    ...judgeWork(await care.doctor.findLateWork(), holds, oldest),
    judgeWebhooks(await care.webhooks.list()),
  ]
}
