import { z } from 'zod'
import { displayTable, quoteTable, quoteText, type TableName } from './identifiers.ts'

/** One channel per database: who listens looks which table is meant. */
export const CHANNEL = 'couplet_change'
/** What Couplet's own connections call themselves: what they write is announced to nobody, or each run would ask for the next one. */
export const OWN_APPLICATION = 'couplet'

const TRIGGER = 'couplet_announce'

/** Makes the function and the triggers, or makes them anew. A trigger speaks once per statement, the server tells it once per transaction. */
export function announceStatements(schema: string, tables: readonly TableName[]): readonly string[] {
  const announce = quoteTable({ schema, table: TRIGGER })
  return [
    `CREATE OR REPLACE FUNCTION ${announce}() RETURNS trigger LANGUAGE plpgsql AS $announce$
BEGIN
  PERFORM pg_catalog.pg_notify(${quoteText(CHANNEL)}, pg_catalog.json_build_array(TG_TABLE_SCHEMA, TG_TABLE_NAME)::text);
  RETURN NULL;
END
$announce$`,
    ...tables.map(
      (
        table,
      ) => `CREATE OR REPLACE TRIGGER ${TRIGGER} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${quoteTable(table)}
  FOR EACH STATEMENT WHEN (pg_catalog.current_setting('application_name') <> ${quoteText(OWN_APPLICATION)})
  EXECUTE FUNCTION ${announce}()`,
    ),
  ]
}

/** Takes the function away, and with it the triggers on whatever table. */
export function silenceStatements(schema: string): readonly string[] {
  return [`DROP FUNCTION IF EXISTS ${quoteTable({ schema, table: TRIGGER })}() CASCADE`]
}

/** Of these tables: the kind of relation, and whether the trigger is there. */
export const announcedSql = `
  SELECT c.relkind, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '${TRIGGER}' AND t.tgenabled <> 'D')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`

const Announced = z.tuple([z.string(), z.string()])

/** The table that a message names, as `displayTable` shows it; null: it is none of ours. */
export function announcedTable(payload: string): string | null {
  const named = Announced.safeParse(parsed(payload))
  if (!named.success) return null
  const [schema, table] = named.data
  return displayTable({ schema, table })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
