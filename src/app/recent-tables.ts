import type { Connector } from '../core/ports/connector.ts'
import type { Clock } from '../core/ports/runtime.ts'
import type { Deps } from '../usecases/deps.ts'

type OpenTable = Connector['openTable']

/** So long a table is taken as it was described. */
const RECENT_MS = 10_000
/** Tables of one connector that are kept. */
const MOST = 200

/**
 * Connections whose tables may have been described up to ten seconds ago: who asks for one record after the other does not have its
 * table described each time. What could not be opened is not kept.
 */
export function withRecentTables(
  connect: Deps['connect'],
  clock: Pick<Clock, 'monotonicMs'>,
): Deps['lookUp'] {
  const known = new WeakMap<Connector, OpenTable>()
  return async (connection) => {
    const connector = await connect(connection)
    const openTable = known.get(connector) ?? keepRecent(connector, clock)
    known.set(connector, openTable)
    return { openTable }
  }
}

function keepRecent(connector: Connector, clock: Pick<Clock, 'monotonicMs'>): OpenTable {
  const kept = new Map<string, { readonly atMs: number; readonly table: ReturnType<OpenTable> }>()
  return async (address, signal) => {
    const name = JSON.stringify(address)
    const nowMs = clock.monotonicMs()
    const recent = kept.get(name)
    if (recent !== undefined && nowMs - recent.atMs < RECENT_MS) return recent.table
    const table = connector.openTable(address, signal)
    kept.delete(name)
    kept.set(name, { atMs: nowMs, table })
    const [oldest] = kept.keys()
    if (kept.size > MOST && oldest !== undefined) kept.delete(oldest)
    table.catch(() => kept.get(name)?.table === table && kept.delete(name))
    return table
  }
}
