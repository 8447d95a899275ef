import { outageOf } from '../../core/control/breaker.ts'
import { findHolding, type Pause, pauseInWords } from '../../core/control/pause.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import { isAwaited } from '../../core/jobs/priority.ts'
import type { ConnectionRecord, Pair } from '../../core/ports/mapping-store.ts'
import type { Line, Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { findFailedConnection, overConnection } from './failed-connection.ts'

/** A line waits for a connection that does not answer no longer than this (domain.md §14.1, 4: the job time-out). */
const PATIENCE_MS = 12 * 3_600_000

/** `wait`: it looks again later, and spends no attempt. `failed`: as if it had met the failure itself. */
export type Gate =
  | { readonly gate: 'open' }
  | { readonly gate: 'wait'; readonly reason: string }
  | { readonly gate: 'failed'; readonly failure: SyncError }

interface HeldLine {
  readonly run: Run
  readonly line: Line
  readonly pair: Pair
}

/**
 * Whether a line may begin: nothing of it is paused, and both connections answer as far as anybody knows (architecture.md §5.4). Of
 * the lines that meet a connection that does not, one tries whether it does again; the others wait, or fail with the same error
 * where only a person can help. Somebody who waits for the run is never kept waiting by what is known: it tries.
 */
export async function askGate(held: HeldLine, signal: AbortSignal, deps: Deps): Promise<Gate> {
  // A cancelled run is not kept from ending.
  if (held.run.cancelledBy !== null) return { gate: 'open' }
  const pause = await findPause(held, deps)
  if (pause !== null) return { gate: 'wait', reason: pauseInWords(pause) }
  const { localConnection, remoteConnection } = held.pair
  const both = new Map([localConnection, remoteConnection].map((one) => [one.id, one]))
  for (const connection of both.values()) {
    const gate = await askConnection(connection, held.run, signal, deps)
    if (gate.gate !== 'open') return gate
  }
  return { gate: 'open' }
}

/** The pause that keeps a line from going on, or null. */
export async function findPause(
  { run, line, pair }: HeldLine,
  { stores }: Pick<Deps, 'stores'>,
): Promise<Pause | null> {
  const connectionIds = [pair.localConnection.id, pair.remoteConnection.id]
  const target = { mappingId: line.mappingId, connectionIds, isPreview: run.options.dryRun }
  return findHolding(await stores.control.listPauses(), target)
}

async function askConnection(
  connection: ConnectionRecord,
  run: Run,
  signal: AbortSignal,
  deps: Deps,
): Promise<Gate> {
  const { control } = deps.stores
  const insists = isAwaited(run.priority)
  const answer = await control.turnBreaker(connection.id, { event: 'ask', by: deps.processName, insists })
  if (answer.answer === 'go')
    return answer.isTrial ? tryConnection(connection, insists, signal, deps) : { gate: 'open' }
  const { last, since, isTried } = answer
  const reason = `Connection ${connection.name} is out of reach since ${new Date(since).toISOString()}: ${last.message}`
  const isHopeless = deps.clock.now().getTime() - since > PATIENCE_MS
  if (isTried || (last.kind === 'transient' && !isHopeless)) return { gate: 'wait', reason }
  return { gate: 'failed', failure: new SyncError(last.code, reason, { kind: 'config' }) }
}

/** One for all: what comes of it is known to everybody at once. */
async function tryConnection(
  connection: ConnectionRecord,
  insists: boolean,
  signal: AbortSignal,
  deps: Deps,
): Promise<Gate> {
  const { control } = deps.stores
  let failure: SyncError | null
  try {
    failure = await findOutage(connection, signal, deps)
  } catch (error) {
    await control.turnBreaker(connection.id, { event: 'withdrawn', by: deps.processName })
    throw error
  }
  if (failure === null) {
    await control.turnBreaker(connection.id, { event: 'succeeded' })
    deps.log.info({ connection: connection.name }, 'The connection answers again')
    return { gate: 'open' }
  }
  return failure.kind === 'transient' && !insists
    ? { gate: 'wait', reason: failure.message }
    : { gate: 'failed', failure }
}

/** Tries the connection, and tells the breaker when it is out of reach; null: it is not, whatever else may be wrong. */
async function findOutage(
  connection: ConnectionRecord,
  signal: AbortSignal,
  deps: Deps,
): Promise<SyncError | null> {
  try {
    await overConnection(connection.id, async () => (await deps.connect(connection)).check(signal))
    return null
  } catch (error) {
    signal.throwIfAborted()
    const failure = toSyncError(error)
    const outage = outageOf(failure)
    if (outage === null) return null
    const event = { event: 'failed', failure: outage, random: deps.random() } as const
    await deps.stores.control.turnBreaker(connection.id, event)
    return failure
  }
}

/**
 * A line has failed, and its error is of the kind that concerns a whole connection: should that really be out of reach, everybody is
 * told. Gives the reason for which the line waits; null: it is treated as any other failure, because only this line has met it, a
 * person waits for it, or only a person can help.
 */
export async function noteOutage(
  { run, pair }: Pick<HeldLine, 'run' | 'pair'>,
  failure: SyncError,
  signal: AbortSignal,
  deps: Deps,
): Promise<{ readonly reason: string } | null> {
  const failedId = findFailedConnection(failure)
  const connection = [pair.localConnection, pair.remoteConnection].find(({ id }) => id === failedId)
  if (outageOf(failure) === null || connection === undefined) return null
  const outage = await findOutage(connection, signal, deps)
  if (outage === null) return null
  deps.log.warn(
    { err: outage, connection: connection.name },
    'The connection is out of reach; its lines wait',
  )
  return outage.kind === 'transient' && !isAwaited(run.priority) ? { reason: outage.message } : null
}
