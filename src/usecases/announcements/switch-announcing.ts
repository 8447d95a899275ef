import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { AnnouncedTable, ChangeLine } from '../../core/ports/connector.ts'
import type { ConnectionRecord } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { listWatching } from './wake-up.ts'

type SwitchDeps = Pick<Deps, 'stores' | 'connect'>

/** What makes a system tell of changes, or stops it. */
export interface AnnouncePlan {
  /** Mapped tables that are read for changes. */
  readonly tables: readonly AnnouncedTable[]
  readonly statements: readonly string[]
  /** What programs that write to the system may fail with. */
  readonly warnings: readonly string[]
}

const tryMs = 60_000

/** Throws ANNOUNCING_IMPOSSIBLE for a connection whose system has no line to tell on. */
export async function planAnnouncing(
  connection: ConnectionRecord,
  wanted: 'on' | 'off',
  deps: SwitchDeps,
): Promise<AnnouncePlan> {
  const line = await getLine(connection, deps)
  const names = [...new Set((await listWatching(connection, deps)).map(({ table }) => table))]
  const signal = AbortSignal.timeout(tryMs)
  const tables = await line.findAnnounced(names, signal)
  return {
    tables,
    statements: wanted === 'on' ? await line.describeSetUp(names, signal) : line.describeRemoval(),
    warnings: wanted === 'on' ? await line.findHazards(signal) : [],
  }
}

/**
 * Has the system tell of changes (`apply`: the statements are run first, as the user of the connection), or not any more, and notes
 * it in the settings: the scheduler that leads listens within moments. Listening ends before the statements take anything away.
 */
export async function switchAnnouncing(
  connection: ConnectionRecord,
  wanted: 'on' | 'off',
  { apply }: { readonly apply: boolean },
  act: Act,
  deps: SwitchDeps,
): Promise<void> {
  const line = await getLine(connection, deps)
  const { statements } = await planAnnouncing(connection, wanted, deps)
  const run = () => (apply ? line.apply(statements, AbortSignal.timeout(tryMs)) : Promise.resolve())
  const save = () => deps.stores.mappings.changeSettings(connection.name, { announce: wanted }, act)
  if (wanted === 'off') await save()
  await run()
  if (wanted === 'on') await save()
}

async function getLine(connection: ConnectionRecord, deps: Pick<Deps, 'connect'>): Promise<ChangeLine> {
  const { changeLine } = await deps.connect(connection)
  if (changeLine) return changeLine
  const message = `Connection ${connection.name} is of kind ${connection.kind}, which has no line to tell of changes on`
  throw new SyncError('ANNOUNCING_IMPOSSIBLE', message, { data: { connection: connection.name } })
}
