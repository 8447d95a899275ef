import type { LateWork, ServerFacts } from '../ports/doctor-store.ts'
import { isSilent, type KnownProcess, takesWork } from '../ports/process-store.ts'
import { bad, type Finding, good, warning } from './finding.ts'
import { type Asked, judgeProcessClocks, judgeServerClock } from './judge-clock.ts'

const OLDEST_NODE = [20, 19] as const

/** `version` as Node tells it: `20.19.1`. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  return isOld
    ? bad('program', 'Node', `version ${version}`, `Install Node ${OLDEST_NODE.join('.')} or newer.`)
    : good('program', 'Node', `version ${version}`)
}

/** Free room where the embedded server keeps its data, bytes. */
export function judgeDisk(freeBytes: number, folder: string): Finding {
  const detail = `${gigabytes(freeBytes)} free at ${folder}`
  const remedy = 'Make room: a server that cannot write stops everything.'
  if (freeBytes < 0.2 * GIGABYTE) return bad('store', 'disk', detail, remedy)
  return freeBytes < 2 * GIGABYTE ? warning('store', 'disk', detail, remedy) : good('store', 'disk', detail)
}

const OLDEST_POSTGRES = 14
const LONG_TRANSACTION_SECONDS = 3_600

export function judgeServer(facts: ServerFacts, asked: Asked): readonly Finding[] {
  const { used, most } = facts.connections
  return [
    facts.major < OLDEST_POSTGRES
      ? bad('store', 'Postgres', `version ${facts.version}`, `Use Postgres ${OLDEST_POSTGRES} or newer.`)
      : good('store', 'Postgres', `version ${facts.version}, database of ${gigabytes(facts.databaseBytes)}`),
    facts.isStandby
      ? bad('store', 'role of the server', 'it is a standby', 'Lead DATABASE_URL to the primary.')
      : good('store', 'role of the server', 'primary'),
    facts.keepsCommits
      ? good('store', 'durability', 'fsync and full_page_writes are on')
      : bad(
          'store',
          'durability',
          'fsync or full_page_writes is off: after a power cut couplings may be missing, and records are made twice',
          'Switch both on.',
        ),
    used > 0.9 * most
      ? warning(
          'store',
          'connections',
          `${used} of ${most} are in use`,
          'Raise max_connections, or lower COUPLET_POOL_SIZE.',
        )
      : good('store', 'connections', `${used} of ${most} are in use`),
    facts.oldestTransactionSeconds > LONG_TRANSACTION_SECONDS
      ? warning(
          'store',
          'open transactions',
          `one has been open for ${Math.round(facts.oldestTransactionSeconds / 60)} minutes`,
          'End it: nothing that was removed since can be cleaned up.',
        )
      : good('store', 'open transactions', 'none is old'),
    judgeServerClock('store', Date.parse(facts.now), asked),
  ]
}

/** A Redis server, as its INFO tells it; null where it does not say. */
export interface RedisFacts {
  readonly product: string
  readonly version: string | null
  readonly policy: string | null
  /** appendonly is on. */
  readonly keepsLog: boolean | null
  readonly usedBytes: number | null
  readonly mostBytes: number | null
}

/** `nowMs`: its clock, ms since 1970. */
export type RedisServer = RedisFacts & { readonly nowMs: number }

export function judgeRedis(facts: RedisServer, asked: Asked): readonly Finding[] {
  const { policy, keepsLog, usedBytes, mostBytes } = facts
  const share = usedBytes !== null && mostBytes !== null && mostBytes > 0 ? usedBytes / mostBytes : 0
  return [
    good('queue', facts.product, `version ${facts.version ?? 'unknown'}`),
    policy === null || policy === 'noeviction'
      ? good('queue', 'eviction', policy ?? 'the server does not say')
      : bad(
          'queue',
          'eviction',
          `${policy}: jobs are thrown away when the memory is full`,
          'Set maxmemory-policy to noeviction.',
        ),
    keepsLog === false
      ? warning(
          'queue',
          'persistence',
          'appendonly is off: what is enqueued is lost with the server, and enqueued again by the sweeper',
          'Switch appendonly on.',
        )
      : good('queue', 'persistence', keepsLog === null ? 'the server does not say' : 'appendonly is on'),
    share > 0.8
      ? warning('queue', 'memory', `${Math.round(share * 100)} % of maxmemory is in use`, 'Raise maxmemory.')
      : good(
          'queue',
          'memory',
          usedBytes === null ? 'the server does not say' : `${gigabytes(usedBytes)} in use`,
        ),
    judgeServerClock('queue', facts.nowMs, asked),
  ]
}

/** Jobs of one queue, by what they wait for. */
export interface QueueFacts {
  readonly queue: string
  readonly jobs: Readonly<Record<'waiting' | 'active', number>>
  readonly oldestWaitingMs: number | null
}

const LONG_WAIT_MS = 15 * 60_000

/** Jobs that nobody takes. */
export function judgeQueues(queues: readonly QueueFacts[]): Finding {
  const sum = (state: keyof QueueFacts['jobs']) => queues.reduce((all, { jobs }) => all + jobs[state], 0)
  const late = queues.filter(({ oldestWaitingMs }) => (oldestWaitingMs ?? 0) > LONG_WAIT_MS)
  if (late.length > 0) {
    const said = late.map(
      ({ queue, oldestWaitingMs }) => `${queue}: ${Math.round((oldestWaitingMs ?? 0) / 60_000)} minutes`,
    )
    return warning(
      'queue',
      'jobs',
      `a job waits for a worker (${said.join(', ')})`,
      'Start more workers, or see what holds those that are there: `couplet workers`.',
    )
  }
  return good('queue', 'jobs', `${sum('waiting')} wait, ${sum('active')} are worked on`)
}

/** Someone has to work, and somebody has to lead. */
export function judgeProcesses(all: readonly KnownProcess[]): readonly Finding[] {
  const alive = all.filter((each) => !isSilent(each))
  const silent = all.filter(isSilent)
  const workers = alive.filter(({ roles }) => roles.includes('worker'))
  const working = workers.filter(takesWork)
  const leaders = alive.filter(({ isLeader }) => isLeader)
  const versions = [...new Set(alive.map(({ version }) => version))]
  return [
    working.length === 0
      ? bad(
          'processes',
          'workers',
          workers.length === 0 ? 'none is running' : 'all of them are quiet',
          workers.length === 0 ? 'Start one: `couplet worker`.' : '`couplet workers resume`',
        )
      : good('processes', 'workers', `${working.length} at work`),
    leaders.length === 0
      ? bad('processes', 'scheduler', 'none leads', 'Start one: `couplet scheduler`.')
      : good('processes', 'scheduler', `${leaders.map(({ id }) => id).join(', ')} leads`),
    ...silent.map(({ id, seenMsAgo }) =>
      warning(
        'processes',
        id,
        `has not been heard of for ${Math.round(seenMsAgo / 1_000)} s`,
        'See whether it is frozen or cut off; what it was doing has been taken over.',
      ),
    ),
    ...(versions.length > 1
      ? [
          warning(
            'processes',
            'versions',
            `several are running: ${versions.join(', ')}`,
            'Finish the update.',
          ),
        ]
      : []),
    ...judgeProcessClocks(all),
  ]
}

/** `failure`: why the system could not be asked, or null; `late`: why its changes may be found late. */
export function judgeSystem(
  connection: string,
  { failure, late }: { readonly failure: string | null; readonly late: readonly string[] },
): readonly Finding[] {
  if (failure !== null)
    return [
      bad('systems', connection, failure, `\`couplet connection test ${connection}\` tries it step by step.`),
    ]
  if (late.length === 0) return [good('systems', connection, 'answers')]
  return late.map((reason) =>
    warning(
      'systems',
      connection,
      `changes may be found late: ${reason}`,
      'Grant the privilege, or run a full synchronization now and then: nothing is lost.',
    ),
  )
}

/** `oldestRunSeconds`: null where no run is unfinished. */
export function judgeWork(
  late: LateWork,
  holds: readonly string[],
  oldestRunSeconds: number | null,
): readonly Finding[] {
  const lookAt = 'See `couplet runs`, `couplet workers` and `couplet pauses`.'
  const lateFinding = (what: string, count: number) =>
    count === 0
      ? good('work', what, 'none is late')
      : warning('work', what, `${count} should have been done an hour ago`, lookAt)
  const isOld = oldestRunSeconds !== null && oldestRunSeconds > 6 * 3_600
  return [
    ...holds.map((hold) =>
      warning('work', 'held', hold, '`couplet pauses` shows who has paused what, and why.'),
    ),
    isOld
      ? warning('work', 'runs', `the oldest began ${Math.round(oldestRunSeconds / 3_600)} hours ago`, lookAt)
      : good('work', 'runs', oldestRunSeconds === null ? 'none is unfinished' : 'none is old'),
    lateFinding('requests for records', late.requests),
    lateFinding('attempts', late.attempts),
    lateFinding('unfinished pages', late.intents),
    late.strayOutcomes
      ? warning(
          'work',
          'partitions of the ledger',
          'some outcomes have none of their own month',
          'Start a scheduler: it makes partitions ahead, and moves what is outside.',
        )
      : good('work', 'partitions of the ledger', 'are there'),
  ]
}

const GIGABYTE = 2 ** 30

function gigabytes(bytes: number): string {
  return bytes < GIGABYTE / 10 ? `${Math.ceil(bytes / 2 ** 20)} MB` : `${(bytes / GIGABYTE).toFixed(1)} GB`
}
