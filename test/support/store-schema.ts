import type { Pool } from 'pg'

/** What the catalog says of our schema, one line per object part, sorted: for reviews, and to be compared. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const client = await pool.connect()
  const parts: string[] = []
  try {
    // Names are written with their schema, whoever the user is.
    await client.query('set search_path = pg_catalog')
    for (const query of [columns, constraints, indexes, triggers, options, sequences]) {
      const { rows } = await client.query<{ line: string }>(query)
      parts.push(rows.map(({ line }) => line.replace(/\s+/g, ' ')).join('\n'))
    }
  } finally {
    client.release(true)
  }
  return `${parts.join('\n\n')}\n`
}

const ours = `n.nspname = 'couplet' and c.relname !~ '^outcome_[0-9]'`

const columns = `
  select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || coalesce(' collate ' || nullif(l.collname, 'default'), '')
    || case when a.attnotnull then ' not null' else '' end
    || case a.attidentity when 'a' then ' identity' else '' end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    || case when a.attstorage <> t.typstorage then ' storage ' || a.attstorage::text else '' end as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid left join pg_collation l on l.oid = a.attcollation
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where ${ours} and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum`

// Not-null constraints have names since Postgres 18 only; the columns say it already.
const constraints = `
  select 'constraint ' || c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) as line
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and k.contype <> 'n' order by c.relname, k.conname`

const indexes = `
  select pg_get_indexdef(i.indexrelid) as line
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} order by c.relname, i.indexrelid::regclass::text`

const triggers = `
  select pg_get_triggerdef(g.oid) as line
  from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and not g.tgisinternal order by c.relname, g.tgname`

const options = `
  select 'table ' || c.relname || coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '')
    || coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')
    || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), '') as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and c.relkind in ('r', 'p') order by c.relname`

const sequences = `
  select 'sequence ' || c.relname as line from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and c.relkind = 'S' order by c.relname`
