import { sql } from 'drizzle-orm'
import type { Coupling } from '../../core/coupling/coupling.ts'
import { type Dependents, NAMED_DEPENDENTS, type ReferringMapping } from '../../core/coupling/dependents.ts'
import { type Executor, rowsParameter } from '../database.ts'

interface Row extends Record<string, unknown> {
  readonly coupling_id: string
  readonly name: string
  readonly records: string
  readonly names: string[]
}

/** By the index over the stored references: what was translated through a coupling holds its reference of the other side. */
export async function findDependents(
  db: Executor,
  couplings: readonly Coupling[],
  referring: readonly ReferringMapping[],
): Promise<ReadonlyMap<number, readonly Dependents[]>> {
  const wanted = couplings.flatMap((coupling) =>
    referring.map(({ mappingId, name, fields }) => ({
      coupling_id: coupling.id,
      mapping_id: mappingId,
      name,
      refs: (['local', 'remote'] as const).flatMap((side) =>
        fields[side].map((field) => ({ [field]: coupling[side].reference })),
      ),
    })),
  )
  if (wanted.length === 0) return new Map()
  const { rows } = await db.execute<Row>(sql`
    with wanted as materialized (
      select * from jsonb_to_recordset(${rowsParameter(wanted)})
        as w(coupling_id bigint, mapping_id bigint, name text, refs jsonb[])
    )
    select w.coupling_id, w.name, found.records, found.names from wanted w cross join lateral (
      select count(*) as records, (array_agg(c.local_reference order by c.id))[1:${sql.raw(String(NAMED_DEPENDENTS))}] as names
      from couplet.coupling c
      where c.refs @> any (w.refs) and c.refs <> '{}' and c.mapping_id = w.mapping_id
    ) as found where found.records > 0 order by w.coupling_id, w.mapping_id`)
  const dependents = new Map<number, Dependents[]>()
  for (const { coupling_id, name, records, names } of rows) {
    const id = Number(coupling_id)
    const found = { mapping: name, records: Number(records), names }
    dependents.set(id, [...(dependents.get(id) ?? []), found])
  }
  return dependents
}
