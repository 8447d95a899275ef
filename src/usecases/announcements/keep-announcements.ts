import type { Announcements } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { listWatching, wakeUp } from './wake-up.ts'

type KeepDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect' | 'clock'>

/**
 * Sees to it that the systems go on announcing changes of the mapped tables. Where announcements begin now, perhaps after the
 * system had given them up, the changes in between are looked for. A connection that fails disturbs no other.
 */
export async function keepAnnouncements(deps: KeepDeps, signal: AbortSignal): Promise<void> {
  for (const connection of await deps.stores.mappings.listConnections()) {
    if (signal.aborted) return
    try {
      await keepOne(connection, deps, signal)
    } catch (error) {
      deps.log.warn(
        { err: error, connection: connection.name },
        'Announcements could not be kept; changes are found by schedule, and the next round tries again',
      )
    }
  }
}

/** Null for a connection whose settings name no address for them; it is not even opened. */
export async function findAnnouncements(
  connection: ConnectionRecord,
  deps: Pick<Deps, 'connect'>,
): Promise<Announcements | null> {
  if (connection.settings['webhookUrl'] === undefined) return null
  return (await deps.connect(connection)).announcements ?? null
}

async function keepOne(connection: ConnectionRecord, deps: KeepDeps, signal: AbortSignal): Promise<void> {
  const announcements = await findAnnouncements(connection, deps)
  if (announcements === null) return
  const tables = (await listWatching(connection, deps)).map(({ table }) => table)
  const begun = await announcements.keep([...new Set(tables)], signal)
  if (begun.length === 0) return
  const runs = await wakeUp(connection, begun, deps)
  deps.log.info({ connection: connection.name, tables: begun, runs }, 'Announcements begin')
}
