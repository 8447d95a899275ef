import { inArray, sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { type Executor, rowsParameter } from '../../database.ts'
import { deletionSuspect, seenCoupling } from '../../schema/deletion.ts'

/** What was met needs no look; what was found is looked at when the pass is complete; what has been looked at is done with. */
export async function noteDeletions(tx: Executor, commit: PageCommit): Promise<void> {
  const { mappingId, seenCouplings, foundDeletions, settledDeletions } = commit
  if (seenCouplings.length > 0)
    await tx.insert(seenCoupling).values({ mappingId, couplingIds: [...seenCouplings] })
  if (foundDeletions.length > 0)
    await tx.execute(sql`
      insert into couplet.deletion_suspect (mapping_id, direction, coupling_id)
      select ${mappingId}, w.direction, w."couplingId"
      from jsonb_to_recordset(${rowsParameter(foundDeletions)}) as w(direction text, "couplingId" bigint)
      join couplet.coupling c on c.id = w."couplingId"
      on conflict do nothing`)
  if (settledDeletions.length > 0)
    await tx.delete(deletionSuspect).where(inArray(deletionSuspect.couplingId, [...settledDeletions]))
}
