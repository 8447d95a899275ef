/** Relations of the given names: $1 schemas, $2 names. ON CONFLICT is not for foreign tables, INSTEAD OF triggers and rules. */
export const relationSql = `
  SELECT n.nspname, c.relname, c.relkind, c.oid::text, c.reltuples::bigint::text,
    c.relkind <> 'f'
    AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgtype & 64 <> 0)
    AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid AND ev_type IN ('2', '3'))
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted(schema_name, table_name, position)
  JOIN pg_namespace n ON n.nspname = wanted.schema_name
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ORDER BY wanted.position LIMIT 1`

/** Names that differ from $1 only in upper and lower case. */
export const similarSql = `
  SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE lower(c.relname) = lower($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') LIMIT 1`

export const tablesSql = `
  SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relname <> 'couplet_receipt'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
    AND has_schema_privilege(n.oid, 'USAGE')
  ORDER BY n.nspname = $1 DESC, n.nspname, c.relname`

/** Columns of the relation $1, each with the base type behind its domains. */
export const columnsSql = `
  WITH RECURSIVE typed AS (
    SELECT a.attnum, a.atttypid AS type, a.atttypmod AS modifier, a.attnotnull AS not_null,
           false AS has_default, '{}'::name[] AS domains
    FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT d.attnum, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE d.modifier END,
           d.not_null OR t.typnotnull, d.has_default OR t.typdefault IS NOT NULL, d.domains || t.typname
    FROM typed d JOIN pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
  )
  SELECT a.attname, tn.nspname, ty.typname, ty.typtype = 'e', d.modifier::text, array_to_json(d.domains)::text,
         d.not_null, d.has_default OR a.atthasdef OR a.attidentity <> '', a.attgenerated <> '', a.attidentity,
         CASE WHEN a.attidentity <> '' THEN
                'nextval(' || quote_literal(pg_get_serial_sequence(c.oid::regclass::text, a.attname)) || '::regclass)'
              WHEN a.attgenerated = '' AND ty.typname <> 'uuid' AND (
                pg_get_expr(def.adbin, def.adrelid) ~ '\\mnextval\\('
                OR EXISTS (SELECT FROM pg_depend dep JOIN pg_proc p ON p.oid = dep.refobjid
                  WHERE dep.classid = 'pg_attrdef'::regclass AND dep.objid = def.oid
                    AND dep.refclassid = 'pg_proc'::regclass AND p.provolatile = 'v'))
              THEN pg_get_expr(def.adbin, def.adrelid) END,
         pg_column_is_updatable(c.oid, a.attnum, true),
         CASE WHEN co.oid IS NULL THEN false WHEN co.collname = 'default' THEN lower('Ä') <> 'ä'
              ELSE co.collname IN ('C', 'POSIX', 'ucs_basic') END,
         coalesce(co.collisdeterministic, true)
  FROM typed d
  JOIN pg_type ty ON ty.oid = d.type AND ty.typtype <> 'd'
  JOIN pg_namespace tn ON tn.oid = ty.typnamespace
  JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = d.attnum
  JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef def ON def.adrelid = a.attrelid AND def.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  ORDER BY a.attnum`

/** Unique indexes of the relation $1 that ON CONFLICT can name, the primary key first: index, column, is primary. */
export const uniqueIndexesSql = `
  SELECT i.indexrelid::text, a.attname, i.indisprimary
  FROM pg_index i
  CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS part(attnum, position)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
  WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate
    AND i.indpred IS NULL AND i.indexprs IS NULL AND part.position <= i.indnkeyatts
  ORDER BY i.indisprimary DESC, i.indexrelid, part.position`

/** A collation that knows the letters of all languages and keeps the length, the best one first. */
export const foldCollationSql = `
  SELECT collname FROM pg_collation
  WHERE collname IN ('pg_c_utf8', 'C.utf8', 'C.UTF-8', 'und-x-icu') AND collnamespace = 'pg_catalog'::regnamespace
    AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
  ORDER BY array_position(ARRAY['pg_c_utf8', 'C.utf8', 'C.UTF-8', 'und-x-icu']::name[], collname) LIMIT 1`
