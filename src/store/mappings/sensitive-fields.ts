import { sql } from 'drizzle-orm'
import type { SensitiveField } from '../../core/ports/mapping-store.ts'
import type { Executor } from '../database.ts'

/** Asked with every answer to somebody who may only look: what was ever sensitive has an index of its own, and is mostly little. */
export async function listSensitiveFields(db: Executor): Promise<SensitiveField[]> {
  const { rows } = await db.execute<SensitiveField & Record<string, unknown>>(sql`
    with ever as (
      select distinct f.mapping_id, side.name as side, side.field from couplet.field_mapping f
      cross join lateral (values ('local', f.local), ('remote', f.remote)) as side(name, field)
      where f.sensitive and side.field is not null)
    select distinct m.name as mapping, ever.field from ever
    join couplet.table_mapping m on m.id = ever.mapping_id
    cross join lateral (
      select bool_or(f.sensitive) as is_sensitive from couplet.field_mapping f
      where f.mapping_id = ever.mapping_id and case ever.side when 'local' then f.local else f.remote end = ever.field
      group by f.version order by f.version desc limit 1) as newest
    where newest.is_sensitive
    order by 1, 2`)
  return rows
}
