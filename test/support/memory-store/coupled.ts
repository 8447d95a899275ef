import type { CoupledRecords, OperationsStore } from '../../../src/core/ports/operations-store.ts'
import { rawOf, type Value } from '../../../src/core/values/value.ts'
import type { CouplingRow, Tables } from './tables.ts'

const noJob = { result: null, at: null }

export async function listCoupled(
  tables: Tables,
  { mappingId, limit, after, startsWith }: Parameters<OperationsStore['listCoupled']>[0],
): ReturnType<OperationsStore['listCoupled']> {
  const place = ({ local, id }: CouplingRow) => `${local.reference}\0${String(id).padStart(16, '0')}`
  const rows = tables.couplings
    .where((row) => row.mappingId === mappingId)
    .filter((row) => startsWith === null || rawOf(row.local.reference as Value).startsWith(startsWith))
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
    .filter((row) => after === null || place(row) > after)
    .slice(0, limit)
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { couplings: rows.map(toCoupled), next: last === undefined ? null : place(last) }
}

function toCoupled({
  id,
  local,
  remote,
  mappingVersion,
  generation,
  createdAt,
}: CouplingRow): CoupledRecords {
  return { id, local, remote, mappingVersion, generation, createdAt, lastTo: noJob, lastFrom: noJob }
}
