import type { Floor } from './floor.ts'

/**
 * Match-based coupling as one would write it by hand for this one table in one database: set-wise, in one statement. A
 * customer and an account match by name and city, else by e-mail address, when that tells both of them apart from all
 * others. Returns the number of couplings, which are in the ledger as well.
 */
export async function floorMatch({ writer }: Floor): Promise<number> {
  const byGroup = (group: number, table: string, key: string, on: readonly string[]) => `
    SELECT ${group} AS place, ${on.join(" || '/' || ")} AS match_key, min(${key}::text) AS key
    FROM ${table} GROUP BY 2 HAVING count(*) = 1`
  const { rows } = await writer.query<{ count: string }>(`
    WITH customers AS MATERIALIZED (
      ${byGroup(0, 'floor.customer', 'id', ['lower(name)', 'lower(city)'])} UNION ALL
      ${byGroup(1, 'floor.customer', 'id', ['lower(trim(email))'])}
    ), accounts AS MATERIALIZED (
      ${byGroup(0, 'floor.account', 'accountid', ['lower(name)', 'lower(address1_city)'])} UNION ALL
      ${byGroup(1, 'floor.account', 'accountid', ['lower(trim(emailaddress1))'])}
    ), matches AS MATERIALIZED (
      SELECT DISTINCT ON (c.key) c.key AS local_key, a.key AS remote_key
      FROM customers c JOIN accounts a USING (place, match_key) ORDER BY c.key, place
    ), coupled AS (
      INSERT INTO floor.coupling (pair_id, mapping_id, local_group, remote_group, local_key, remote_key,
        local_reference, remote_reference, local_modified_at, remote_modified_at, local_base, remote_base, refs,
        mapping_version, generation, last_to_result, last_to_job_id, last_to_at)
      SELECT 1, 1, 'customer', 'account', m.local_key, m.remote_key, c.no, m.remote_key, c.modified, a.modifiedon,
        '{}', '{}', '{}', 1, 0, 'success', 1, now()
      FROM matches m JOIN floor.customer c ON c.id = m.local_key::uuid
      JOIN floor.account a ON a.accountid = m.remote_key::uuid
      RETURNING local_key, remote_key
    ), logged AS (
      INSERT INTO floor.outcome (id, pair_id, mapping_id, job_id, direction, kind, local_key, remote_key, recovered)
      SELECT nextval('floor.outcome_id'), 1, 1, 1, 'to', 'coupled', local_key, remote_key, false FROM coupled
      RETURNING 1
    )
    SELECT count(*) FROM logged`)
  return Number(rows[0]?.count)
}
