import { sql } from 'drizzle-orm'
import type { PageCommit } from '../../../core/ports/sync-store.ts'
import { assert } from '../../../lib/assert.ts'
import { type Executor, idArray, rowsParameter } from '../../database.ts'

/** Removes couplings and remembers them; a pair that is uncoupled once more is remembered anew, nobody's release counts. */
export async function removeCouplings(
  tx: Executor,
  { pairId, mappingId, uncouplings }: PageCommit,
): Promise<void> {
  if (uncouplings.length === 0) return
  const { rowCount } = await tx.execute(sql`
    delete from couplet.coupling
    where id = any(${idArray(uncouplings.map(({ couplingId }) => couplingId))}) and mapping_id = ${mappingId}`)
  assert(rowCount === uncouplings.length, `each coupling to be removed exists in mapping ${mappingId}, once`)
  const remembered = uncouplings.filter(({ isRemembered }) => isRemembered)
  if (remembered.length === 0) return
  await tx.execute(sql`
    insert into couplet.uncoupled_pair as u (pair_id, mapping_id, local_key, remote_key, generation, reason,
      uncoupled_by, job_id)
    select ${pairId}, ${mappingId}, w."localKey", w."remoteKey", w.generation, w.reason, w."uncoupledBy", w."jobId"
    from jsonb_to_recordset(${rowsParameter(remembered)}) as w("localKey" text, "remoteKey" text, generation int,
      reason text, "uncoupledBy" text, "jobId" bigint)
    on conflict (mapping_id, local_key, remote_key) do update set generation = excluded.generation,
      reason = excluded.reason, uncoupled_by = excluded.uncoupled_by, job_id = excluded.job_id,
      local_released = false, remote_released = false, uncoupled_at = clock_timestamp()`)
}
