import { type Problem, problem } from '../../core/errors.ts'
import { encodeKey, type RecordKey } from '../../core/values/key.ts'
import type { Value, Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { indexBy } from '../../lib/group.ts'
import { encodeValue } from './columns.ts'
import { quoteTable, quoteText } from './identifiers.ts'
import { readRecordsByKeys } from './read-pages.ts'
import type { Session } from './session.ts'
import type { TableShape } from './shape.ts'
import { type KeyedInsert, reject, type WriteContext } from './write-context.ts'
import { insertDrawn } from './write-inserts.ts'

/** A record to be created whose key the table makes. */
export interface UnkeyedInsert {
  readonly index: number
  readonly token: string
  readonly values: Values
}

/**
 * The table `couplet_receipt` of a connection: per idempotency token the key of the record that was created for it,
 * written in the transaction that creates the record. A token whose record somebody deleted later stays used up.
 */
export class ReceiptTable {
  readonly sql: string
  readonly #session: Session
  readonly #schema: string
  #isThere = false

  constructor(session: Session, searchSchema: string) {
    this.#session = session
    this.#schema = searchSchema
    this.sql = quoteTable({ schema: searchSchema, table: 'couplet_receipt' })
  }

  /** The user of the connection may create the table, or use the one that is there. */
  async isPossible(signal: AbortSignal): Promise<boolean> {
    const [row] = await this.#session.rows(
      `SELECT coalesce(
         (SELECT bool_and(has_table_privilege(c.oid, needed))
          FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed
          WHERE c.oid = to_regclass(${quoteText(this.sql)})
          GROUP BY c.oid),
         (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = ${quoteText(this.#schema)}),
         false)`,
      [],
      signal,
    )
    return row?.[0] === 't'
  }

  /** Creates the table when it is first needed. Two processes may do so at once. */
  async ensure(signal: AbortSignal): Promise<void> {
    if (this.#isThere || (await this.#exists(signal))) {
      this.#isThere = true
      return
    }
    const create = `CREATE TABLE IF NOT EXISTS ${this.sql} (
      token text PRIMARY KEY, table_name text NOT NULL, record_key text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now())`
    try {
      await this.#session.rows(create, [], signal)
    } catch (error) {
      if (!(await this.#exists(signal))) throw error
    }
    this.#isThere = true
  }

  async find(tokens: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, RecordKey>> {
    if (tokens.length === 0 || !(await this.#exists(signal))) return new Map()
    const rows = await this.#session.rows(
      `SELECT token, record_key FROM ${this.sql} WHERE token = ANY ($1::text[])`,
      [tokens],
      signal,
    )
    return new Map(rows.map(([token, key]) => [present(token, 'token'), present(key, 'record key')]))
  }

  async #exists(signal: AbortSignal): Promise<boolean> {
    const rows = await this.#session.rows(
      `SELECT to_regclass(${quoteText(this.sql)}) IS NOT NULL`,
      [],
      signal,
    )
    return rows[0]?.[0] === 't'
  }
}

/**
 * Creates each token's record once. The race: two workers send the same token. Both draw a key, both insert the
 * receipt; the second waits at its primary key until the first has committed, and then reads whose record it is. When
 * the first dies, its receipt and its record vanish together and the second goes on. Without receipts (the risk was
 * accepted) every request creates.
 */
export async function insertMade(
  context: WriteContext,
  inserts: readonly UnkeyedInsert[],
  receipts: ReceiptTable | null,
): Promise<void> {
  const drawn = await drawKeys(context, inserts)
  if (!receipts)
    return insertDrawn(
      context,
      drawn,
      () => {},
      async () => {},
    )
  const { transaction, shape } = context
  const firsts = [...indexBy(drawn.toReversed(), (insert) => insert.token).values()]
  const claimed = await claim(context, firsts, receipts)
  const rejected: string[] = []
  await insertDrawn(
    context,
    firsts.filter((insert) => claimed.has(insert.token)),
    (insert) => rejected.push(insert.token),
    async (insert, key) => {
      await transaction.send(`UPDATE ${receipts.sql} SET record_key = $1 WHERE token = $2`, [
        key,
        insert.token,
      ])
    },
  )
  if (rejected.length > 0)
    await transaction.send(`DELETE FROM ${receipts.sql} WHERE token = ANY ($1::text[])`, [rejected])
  const open = drawn.filter((insert) => context.results[insert.index] === undefined)
  if (open.length > 0) await answerByReceipt(context, shape, open, receipts)
}

/** Keys from the table's own default, evaluated before the insert, so that they are known whatever comes back. */
async function drawKeys(
  context: WriteContext,
  inserts: readonly UnkeyedInsert[],
): Promise<readonly KeyedInsert[]> {
  const { shape, transaction } = context
  const made = shape.key.filter((column) => column.makes !== null)
  const expressions = made.map((column) => `(${column.makes})::${column.sqlType}::text`)
  const rows = await transaction.send(
    `SELECT ${expressions.join(', ')} FROM generate_series(1, $1::int4) AS couplet_draw`,
    [inserts.length],
  )
  return inserts.flatMap((insert, position) => {
    const texts = new Map(made.map((column, index) => [column.name, rows[position]?.[index] ?? null]))
    const keyed = withKey(shape, insert, texts)
    if ('code' in keyed) {
      reject(context, insert.index, keyed)
      return []
    }
    return [keyed]
  })
}

function withKey(
  shape: TableShape,
  insert: UnkeyedInsert,
  made: ReadonlyMap<string, string | null>,
): KeyedInsert | Problem {
  const values: Record<string, Value> = { ...insert.values }
  const keyTexts: string[] = []
  const parts: Value[] = []
  for (const column of shape.key) {
    const text = made.get(column.name) ?? encodeValue(column, values[column.name] ?? null)
    if (text === null)
      return problem('VALUE_MISSING', `${shape.schema.table}: key field ${column.name} has no value`, {
        field: column.name,
      })
    delete values[column.name]
    keyTexts.push(text)
    parts.push(column.codec.decode(text))
  }
  return { index: insert.index, token: insert.token, key: encodeKey(parts), keyTexts, values }
}

/** Writes the receipts, in the order of the tokens; gives the tokens that had none. */
async function claim(
  { transaction, shape }: WriteContext,
  inserts: readonly KeyedInsert[],
  receipts: ReceiptTable,
): Promise<ReadonlySet<string | null | undefined>> {
  const rows = await transaction.send(
    `INSERT INTO ${receipts.sql} AS r (token, table_name, record_key)
     SELECT v.token, $3::text, v.key FROM unnest($1::text[], $2::text[]) AS v(token, key) ORDER BY 1
     ON CONFLICT (token) DO NOTHING RETURNING r.token`,
    [inserts.map((insert) => insert.token), inserts.map((insert) => insert.key), shape.schema.table],
  )
  return new Set(rows.map(([token]) => token))
}

/** The record a receipt names, or `missing` when somebody has deleted it since: it is not created a second time. */
async function answerByReceipt(
  context: WriteContext,
  shape: TableShape,
  open: readonly KeyedInsert[],
  receipts: ReceiptTable,
): Promise<void> {
  const rows = await context.transaction.read(
    `SELECT token, record_key FROM ${receipts.sql} WHERE token = ANY ($1::text[])`,
    [open.map((insert) => insert.token)],
  )
  const keys = new Map<string, RecordKey>(
    rows.map(([token, key]) => [present(token, 'token'), present(key, 'record key')]),
  )
  const found = await readRecordsByKeys(
    shape,
    context.transaction.read,
    [...keys.values()],
    context.returning,
  )
  for (const insert of open) {
    const key = keys.get(insert.token)
    const record = key === undefined ? undefined : found.get(key)
    if (record) context.results[insert.index] = { status: 'exists', record }
    else if (key !== undefined) context.results[insert.index] = { status: 'missing' }
    else
      reject(
        context,
        insert.index,
        problem(
          'INSERT_FAILED',
          `${context.shape.schema.table}: the same creation failed earlier in this request`,
        ),
      )
  }
}
