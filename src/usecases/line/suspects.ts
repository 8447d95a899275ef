import type { JobDirection, Side } from '../../core/mapping/definition.ts'
import type { DeletionPage } from '../../core/ports/connector.ts'
import type { DeletionSuspect } from '../../core/ports/deletion-store.ts'
import type { DeletionSet } from '../../core/sync/deletion.ts'
import type { LineSession } from './session.ts'

/** The couplings of one direction that seem to have lost a record, until a page has judged them. */
export interface Suspects {
  /** In the order of their couplings; `after` is a coupling id. */
  list(after: number, limit: number): Promise<readonly DeletionSuspect[]>
  /** Takes back suspicions that a look at the records has not confirmed. */
  drop(couplingIds: readonly number[]): Promise<void>
  /** How many there are about which nobody has chosen yet, of how many couplings. */
  countSet(): Promise<DeletionSet>
  /** Couplings of the records that tombstones name. */
  addDeleted(side: Side, found: DeletionPage): Promise<void>
}

/** Those of a real run are noted where later runs find them; those of a preview are its own, and no mark moves. */
export function suspectsOf(session: LineSession, direction: JobDirection): Suspects {
  return session.run.options.dryRun ? previewSuspects(session, direction) : realSuspects(session, direction)
}

function realSuspects({ deps, mapping, lease }: LineSession, direction: JobDirection): Suspects {
  const { deletions } = deps.stores
  const search = { mappingId: mapping.id, direction }
  return {
    list: (after, limit) => deletions.listSuspects(search, after, limit),
    drop: (couplingIds) => deletions.dropSuspects(lease.fence, couplingIds),
    countSet: () => deletions.countSet(search),
    addDeleted: (side, { keys, mark }) => deletions.addDeleted(lease.fence, { ...search, side, keys, mark }),
  }
}

function previewSuspects(session: LineSession, direction: JobDirection): Suspects {
  const { previews, deletions, sync } = session.deps.stores
  const search = { runId: session.run.id, mappingId: session.mapping.id, direction }
  return {
    list: (after, limit) => previews.listSuspects(search, after, limit),
    drop: (couplingIds) => previews.dropSuspects(session.lease.fence, search.runId, couplingIds),
    countSet: async () => {
      const records = await previews.countSuspects(search)
      return { records, coupled: records === 0 ? 0 : await deletions.countCouplings(search.mappingId) }
    },
    addDeleted: async (side, { keys }) => {
      const couplings = await sync.findCouplings(search.mappingId, side, keys)
      await addToPreview(session, direction, couplings)
    },
  }
}

/** Notes suspects that a preview has found. */
export async function addToPreview(
  { deps, run, mapping, lease }: LineSession,
  direction: JobDirection,
  couplings: readonly { readonly id: number }[],
): Promise<void> {
  if (couplings.length === 0) return
  const search = { runId: run.id, mappingId: mapping.id, direction }
  await deps.stores.previews.addSuspects(
    lease.fence,
    search,
    couplings.map(({ id }) => id),
  )
}
