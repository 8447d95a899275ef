import type { Pool } from 'pg'

/** Times are part of what the audit log's hashes are made over: as if its entries had been written on those days. */
const rechain = `
  do $$ declare entry couplet.audit_log; last_hash text; begin
    for entry in select * from couplet.audit_log order by number loop
      entry.previous_hash := coalesce(last_hash, entry.previous_hash);
      last_hash := encode(sha256(convert_to(couplet.audit_content(entry), 'UTF8')), 'hex');
      update couplet.audit_log set previous_hash = entry.previous_hash, hash = last_hash where number = entry.number;
    end loop;
    update couplet.audit_chain set hash = coalesce(last_hash, hash);
  end $$`

/** Lets days pass for the store: all of its times are so much longer ago, and outcomes lie in the partition of their time. */
export async function letDaysPass(store: Pool, days: number): Promise<void> {
  const client = await store.connect()
  const { rows } = await client.query<{ name: string; changes: string }>(
    `select c.relname as name, string_agg(format('%1$I = %1$I - interval ''1 day'' * ${days}', a.attname), ', ') as changes
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'couplet'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.atttypid = 'timestamptz'::regtype and not a.attisdropped group by c.relname`,
  )
  try {
    await client.query('begin; set local session_replication_role = replica')
    for (const { name, changes } of rows) await client.query(`update couplet.${name} set ${changes}`)
    await client.query(rechain)
    await client.query('commit')
  } finally {
    client.release(true)
  }
}
