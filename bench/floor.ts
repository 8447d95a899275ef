import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { arrayLiteral } from '../src/lib/array-literal.ts'
import { localFields, remoteFields, remoteTypes } from './customers.ts'

/** One record as the server sends it: every column as text. */
export type Row = readonly (string | null)[]

/**
 * What a careful programmer would write by hand for this one table, with nothing to decide: everything in one database
 * and one transaction per page, prepared statements, the next page read on a second connection while this one is written.
 */
export interface Floor {
  readonly reader: pg.Client
  readonly writer: pg.Client
  close(): Promise<void>
}

const asText = { getTypeParser: () => (raw: string) => raw }

/** The ledger of the floor has the columns, types, indexes and storage of Couplet's own, whose schema must be there. */
export async function openFloor(url: string): Promise<Floor> {
  const reader = new pg.Client({ connectionString: url, types: asText })
  const writer = new pg.Client({ connectionString: url, types: asText })
  await Promise.all([reader.connect(), writer.connect()])
  await writer.query(`
    CREATE SEQUENCE floor.outcome_id;
    CREATE TABLE floor.coupling (LIKE couplet.coupling INCLUDING ALL);
    CREATE TABLE floor.outcome (LIKE couplet.outcome INCLUDING ALL) PARTITION BY RANGE (at);
    CREATE TABLE floor.outcome_default PARTITION OF floor.outcome DEFAULT;
    DO $$ BEGIN EXECUTE (SELECT 'ALTER TABLE floor.coupling SET (' || array_to_string(reloptions, ', ') || ')'
      FROM pg_class WHERE oid = 'couplet.coupling'::regclass AND reloptions IS NOT NULL); END $$;`)
  return {
    reader,
    writer,
    close: async () => {
      await Promise.all([reader.end(), writer.end()])
    },
  }
}

export async function rows(
  client: pg.Client,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const result = await client.query<string[]>({ name, text, values: [...values], rowMode: 'array' })
  return result.rows
}

/** Source pages by key; the next one is asked for before this one is given out. */
export async function* sourcePages(floor: Floor, pageSize: number): AsyncGenerator<Row[]> {
  const columns = `id, xmin::text || '/' || ctid::text, modified, ${localFields.join(', ')}`
  const text = `SELECT ${columns} FROM floor.customer WHERE id > $1 ORDER BY id LIMIT $2`
  const read = (after: string) => rows(floor.reader, 'source-page', text, [after, pageSize])
  let next: Promise<Row[]> | null = read('00000000-0000-0000-0000-000000000000')
  while (next) {
    const page: Row[] = await next
    next = page.length < pageSize ? null : read(page.at(-1)?.[0] ?? '')
    yield page
  }
}

/** The first full synchronization: read, insert, couple, write the ledger. Returns the number of records. */
export async function floorFirst(floor: Floor, pageSize: number): Promise<number> {
  let count = 0
  for await (const page of sourcePages(floor, pageSize)) {
    const ids = page.map(() => randomUUID())
    await floor.writer.query('BEGIN')
    const written = await insertAccounts(floor.writer, page, ids)
    await insertCouplings(floor.writer, page, ids, written)
    await insertOutcomes(floor.writer, 'to', 'inserted', outcomesOf(page, ids, written))
    await floor.writer.query('COMMIT')
    count += page.length
  }
  return count
}

/** Rows of both tables: id, version, modified, then the mapped fields. */
export const FIRST_FIELD = 3
export const column = (page: readonly Row[], index: number) => page.map((row) => row[index] ?? null)

/** What the destination holds after the write, by id: it becomes the base, so it has to come back. */
async function insertAccounts(
  client: pg.Client,
  page: readonly Row[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const arrays = remoteTypes.map((type, index) => `$${index + 2}::${type}[]`)
  const fields = remoteFields.join(', ')
  const text = `INSERT INTO floor.account (accountid, ${fields})
    SELECT * FROM unnest($1::uuid[], ${arrays.join(', ')}) ORDER BY 1
    RETURNING accountid, xmin::text || '/' || ctid::text, modifiedon, ${fields}`
  const values = remoteFields.map((_, index) => column(page, FIRST_FIELD + index))
  const written = await rows(client, 'insert-accounts', text, [ids, ...values].map(arrayLiteral))
  return new Map(written.map((row) => [row[0] ?? '', row]))
}

/** The mapped fields as a document: what a side held when the two last agreed. */
export function baseOf(names: readonly string[], row: Row): Record<string, string | null> {
  const base: Record<string, string | null> = {}
  for (let index = 0; index < names.length; index += 1)
    base[names[index] ?? ''] = row[FIRST_FIELD + index] ?? null
  return base
}

/** Plain columns as arrays, the documents as one json array: the fastest of six ways tried, as in Couplet's own store. */
async function insertCouplings(
  client: pg.Client,
  page: readonly Row[],
  ids: readonly string[],
  written: ReadonlyMap<string, Row>,
): Promise<void> {
  const accounts = ids.map((id) => written.get(id) ?? [])
  const bases = page.map((row, index) => [
    baseOf(localFields, row),
    baseOf(remoteFields, accounts[index] ?? []),
  ])
  const text = `INSERT INTO floor.coupling (pair_id, mapping_id, local_group, remote_group, local_key, remote_key,
      local_reference, remote_reference, local_version, remote_version, local_modified_at, remote_modified_at,
      local_base, remote_base, refs, mapping_version, generation, last_to_result, last_to_job_id, last_to_at)
    SELECT 1, 1, 'customer', 'account', local_key, remote_key, local_reference, remote_key, local_version,
      remote_version, local_modified_at, remote_modified_at, bases->0, bases->1, '{}', 1, 0, 'success', 1, now()
    FROM ROWS FROM (unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]),
      jsonb_array_elements($8::jsonb)) AS c(local_key, remote_key, local_reference, local_version, remote_version,
      local_modified_at, remote_modified_at, bases)`
  const columns = [
    column(page, 0),
    ids,
    column(page, FIRST_FIELD),
    column(page, 1),
    column(accounts, 1),
    column(page, 2),
    column(accounts, 2),
  ]
  await rows(client, 'insert-couplings', text, [...columns.map(arrayLiteral), JSON.stringify(bases)])
}

function outcomesOf(
  page: readonly Row[],
  ids: readonly string[],
  written: ReadonlyMap<string, Row>,
): Outcome[] {
  return page.map((row, index) => {
    const account = written.get(ids[index] ?? '') ?? []
    return {
      localKey: row[0] ?? null,
      remoteKey: ids[index] ?? null,
      localVersion: row[1] ?? null,
      remoteVersion: account[1] ?? null,
      changes: { fields: remoteFields, before: null, after: account.slice(FIRST_FIELD) },
    }
  })
}

/** One row of the ledger: which pair, and the fields of the side that was written. */
export interface Outcome {
  readonly localKey: string | null
  readonly remoteKey: string | null
  readonly localVersion: string | null
  readonly remoteVersion: string | null
  readonly changes: {
    readonly fields: readonly string[]
    readonly before: readonly (string | null)[] | null
    readonly after: readonly (string | null)[]
  }
}

export async function insertOutcomes(
  client: pg.Client,
  direction: 'to' | 'from',
  kind: 'inserted' | 'modified',
  outcomes: readonly Outcome[],
): Promise<void> {
  if (outcomes.length === 0) return
  const text = `INSERT INTO floor.outcome (id, pair_id, mapping_id, job_id, direction, kind, local_key, remote_key,
      local_version, remote_version, changes, recovered)
    SELECT nextval('floor.outcome_id'), 1, 1, 1, $6, $7, local_key, remote_key, local_version,
      remote_version, changes, false
    FROM ROWS FROM (unnest($1::text[], $2::text[], $3::text[], $4::text[]), jsonb_array_elements($5::jsonb))
      AS o(local_key, remote_key, local_version, remote_version, changes)`
  const columns = [
    outcomes.map(({ localKey }) => localKey),
    outcomes.map(({ remoteKey }) => remoteKey),
    outcomes.map(({ localVersion }) => localVersion),
    outcomes.map(({ remoteVersion }) => remoteVersion),
  ]
  const changes = JSON.stringify(outcomes.map((outcome) => outcome.changes))
  await rows(client, 'insert-outcomes', text, [...columns.map(arrayLiteral), changes, direction, kind])
}
