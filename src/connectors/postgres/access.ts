import { present } from '../../lib/assert.ts'
import { quoteTable, type TableName } from './identifiers.ts'
import type { Query } from './rows.ts'

/**
 * All that decides which rows this session sees of the relation $1: the database, the user with the roles it belongs to and
 * the settings of its own, and for the relation and everything its views read the owner, row security, policies and the
 * text of the view. Looked up by name each time: a table that was made anew under its name is another one. A missing
 * privilege is no part of it, because that is an error and hides nothing.
 */
const accessSql = `
  WITH RECURSIVE relation AS (
    SELECT to_regclass($1)::oid AS oid
    UNION
    SELECT d.refobjid FROM relation r
    JOIN pg_rewrite w ON w.ev_class = r.oid AND w.ev_type = '1'
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ), me AS (
    SELECT current_database() AS base, session_user AS signed_in, r.rolname AS role, r.rolsuper, r.rolbypassrls,
      current_setting('row_security') AS security,
      CASE WHEN NOT r.rolsuper THEN (SELECT array_agg(member.oid ORDER BY member.oid) FROM pg_roles member
       WHERE pg_has_role(r.oid, member.oid, 'USAGE')) END AS roles,
      (SELECT array_agg(setting ORDER BY setting) FROM pg_db_role_setting s, unnest(s.setconfig) setting
       WHERE s.setrole IN (0, r.oid) AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
         AND split_part(setting, '=', 1) ~ '\\.|^(role|row_security|search_path)$') AS settings
    FROM pg_roles r WHERE r.rolname = current_user
  ), described AS (
    SELECT c.oid, c.relname, c.relnamespace, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
      (SELECT concat_ws(' ', o.rolsuper, o.rolbypassrls) FROM pg_roles o WHERE o.oid = c.relowner) AS owner,
      CASE WHEN c.relkind = 'v' THEN c.reloptions END AS options,
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
      (SELECT array_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles,
                pg_get_expr(p.polqual, p.polrelid)) ORDER BY p.polname)
       FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')) AS policies
    FROM relation JOIN pg_class c ON c.oid = relation.oid
  )
  SELECT encode(sha256(convert_to(concat_ws(E'\\n',
    (SELECT me::text FROM me), (SELECT string_agg(described::text, E'\\n' ORDER BY oid) FROM described)), 'UTF8')), 'hex')`

/** Fingerprint for `ConnectedTable.readAccess`; hashed, because settings of a user may hold what is nobody's business. */
export async function readAccess(table: TableName, query: Query): Promise<string> {
  const [row] = await query(accessSql, [quoteTable(table)])
  return present(row?.[0], 'fingerprint')
}
