import { toSyncError } from '../../core/errors.ts'
import type { ChangeLine } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'
import { type Changed, PendingTables } from './pending-tables.ts'
import { listWatching, wakeUp } from './wake-up.ts'

type FollowDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect' | 'random' | 'clock'>

/** What is told of in such a time is looked at together, so that a storm of changes asks for a few runs and not for thousands. */
const GAP_MS = 5_000
const pauses = { firstMs: 500, maxMs: 60_000 }

/** Null for a connection whose settings do not ask for it, or whose system has no such line; it is not even opened then. */
async function findChangeLine(
  connection: ConnectionRecord,
  deps: Pick<Deps, 'connect'>,
): Promise<ChangeLine | null> {
  if (connection.settings['announce'] !== 'on') return null
  return (await deps.connect(connection)).changeLine ?? null
}

/**
 * Wakes the mappings that read a table as soon as the system tells that it has changed, until the signal is aborted. A line that
 * breaks is opened again, and then everything is looked at once: what changed meanwhile was told to nobody.
 */
export async function followChanges(
  connection: ConnectionRecord,
  deps: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  const pending = new PendingTables()
  await Promise.all([
    keepListening(connection, pending, deps, signal),
    wakeInTurn(connection, pending, deps, signal),
  ])
}

async function keepListening(
  connection: ConnectionRecord,
  pending: PendingTables,
  deps: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const line = await findChangeLine(connection, deps)
      await line?.listen((table) => {
        attempt = 0
        pending.add(table)
      }, signal)
    } catch (error) {
      if (signal.aborted) return
      deps.log.warn(
        { err: toSyncError(error), connection: connection.name },
        'Changes are not announced; they are found by schedule until the line is there again',
      )
    }
    await sleep(backoffMs(Math.max(1, attempt), pauses, deps.random()), signal)
  }
}

async function wakeInTurn(
  connection: ConnectionRecord,
  pending: PendingTables,
  deps: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const changed = await pending.take(signal)
    if (changed === null) return
    try {
      const runs = await wakeUp(connection, await tablesOf(connection, changed, deps), deps)
      if (runs > 0) deps.log.info({ connection: connection.name, runs }, 'Announced changes are looked for')
    } catch (error) {
      pending.putBack(changed)
      deps.log.warn(
        { err: toSyncError(error), connection: connection.name },
        'Announced changes could not be looked for; trying again',
      )
    }
    await sleep(GAP_MS, signal)
  }
}

/** As the mappings call them. */
async function tablesOf(
  connection: ConnectionRecord,
  changed: Changed,
  deps: FollowDeps,
): Promise<readonly string[]> {
  const watched = new Set((await listWatching(connection, deps)).map(({ table }) => table))
  const line = await findChangeLine(connection, deps)
  return [...watched].filter(
    (table) => changed === 'everything' || line?.namesOf(table).some((name) => changed.has(name)),
  )
}
