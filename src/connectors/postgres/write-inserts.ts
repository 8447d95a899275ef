import { problem } from '../../core/errors.ts'
import { displayKey } from '../../core/values/key.ts'
import { present } from '../../lib/assert.ts'
import { groupBy, indexBy } from '../../lib/group.ts'
import { quoteName } from './identifiers.ts'
import { Parameters } from './parameters.ts'
import { readRecordsByKeys } from './read-pages.ts'
import { isKeyTaken, isUniqueViolation } from './record-problems.ts'
import type { TableShape } from './shape.ts'
import { snapshotReader } from './snapshots.ts'
import { AmbiguousAnswersError, splitOnFailure } from './split-on-failure.ts'
import {
  fieldSet,
  fieldsBesideKey,
  type KeyedInsert,
  keyArrays,
  reject,
  rejectByError,
  valueArrays,
  type WriteContext,
  writableColumns,
} from './write-context.ts'

/** Creates records under keys the writer gives; a key that is taken is answered with the record that has it. */
export async function insertGiven(context: WriteContext, inserts: readonly KeyedInsert[]): Promise<void> {
  for (const group of groupBy(inserts, (insert) => fieldSet(insert.values)).values()) {
    await splitOnFailure(
      context.transaction,
      group,
      (part) => insertPart(context, part),
      (insert, error) => refused(context, insert, error),
    )
  }
}

/** Without ON CONFLICT a key that somebody else has just taken is an error: answered with the record that has it. */
async function refused(context: WriteContext, insert: KeyedInsert, error: unknown): Promise<void> {
  const { shape, transaction, returning, results } = context
  const isTaken = !shape.hasConflictRule && isUniqueViolation(error)
  const found = isTaken ? await readRecordsByKeys(shape, transaction.read, [insert.key], returning) : null
  const record = found?.get(insert.key)
  if (record) results[insert.index] = { status: 'exists', record }
  else rejectByError(context, insert, error)
}

/**
 * The answer is matched by key. A trigger that changes the key breaks the match: in the end the record is sent alone,
 * where the only row that comes back belongs to it whatever its key.
 */
async function insertPart(context: WriteContext, part: readonly KeyedInsert[]): Promise<void> {
  const { shape, transaction, results } = context
  const reader = snapshotReader(shape, context.returning)
  if (!shape.hasConflictRule && indexBy(part, (insert) => insert.key).size < part.length)
    throw new AmbiguousAnswersError(part.length)
  const statement = insertStatement(context, part, createOnly(context), reader.selectList)
  const created = (await transaction.send(...statement)).map(reader.read)
  const [only] = part
  if (only && part.length === 1 && created[0]) {
    results[only.index] = { status: 'written', record: created[0] }
    return
  }
  const byKey = indexBy(created, (record) => record.key)
  const open: KeyedInsert[] = []
  for (const insert of part) {
    const record = byKey.get(insert.key)
    if (record && byKey.delete(insert.key)) results[insert.index] = { status: 'written', record }
    else open.push(insert)
  }
  if (byKey.size > 0) throw new AmbiguousAnswersError(open.length)
  if (open.length > 0) await answerExisting(context, open, part.length === 1)
}

async function answerExisting(
  context: WriteContext,
  open: readonly KeyedInsert[],
  isAlone: boolean,
): Promise<void> {
  const keys = open.map((insert) => insert.key)
  const found = await readRecordsByKeys(context.shape, context.transaction.read, keys, context.returning)
  const unanswered = open.filter((insert) => !found.has(insert.key))
  if (unanswered.length > 0 && !isAlone) throw new AmbiguousAnswersError(unanswered.length)
  for (const insert of open) {
    const record = found.get(insert.key)
    if (record) context.results[insert.index] = { status: 'exists', record }
    else await answerSkipped(context, insert)
  }
}

/**
 * Nothing was written and no record has the key: the table changed the key into one that is taken, or skipped the
 * write. Which key it made of it shows an update that changes nothing and is taken back.
 */
async function answerSkipped(context: WriteContext, insert: KeyedInsert): Promise<void> {
  const { shape, transaction } = context
  if (!shape.hasConflictRule) return reject(context, insert.index, skippedProblem(context, insert))
  const [first] = shape.key
  const reader = snapshotReader(shape, [])
  const touch = `DO UPDATE SET ${quoteName(first?.name ?? '')} = ${first?.sql}`
  await transaction.control('SAVEPOINT couplet_look')
  const [row] = await transaction.send(
    ...insertStatement(
      context,
      [insert],
      { condition: '', rule: onConflict(shape, touch) },
      reader.selectList,
    ),
  )
  await transaction.control('ROLLBACK TO SAVEPOINT couplet_look; RELEASE SAVEPOINT couplet_look')
  const key = row ? reader.read(row).key : insert.key
  const record = (await readRecordsByKeys(shape, transaction.read, [key], context.returning)).get(key)
  if (record) context.results[insert.index] = { status: 'exists', record }
  else reject(context, insert.index, skippedProblem(context, insert))
}

function skippedProblem(context: WriteContext, insert: KeyedInsert) {
  const message = `${context.shape.schema.table}: a trigger, rule or policy of the table skipped the new record ${displayKey(insert.key)}`
  return problem('INSERT_FAILED', message)
}

/** What keeps an INSERT from creating a key that is there: parts of the statement. */
interface Guard {
  readonly condition: string
  readonly rule: string
}

const unguarded: Guard = { condition: '', rule: '' }

/** Where ON CONFLICT is not to be had, the key is looked for; what two do at once ends at the unique index below. */
function createOnly({ shape }: WriteContext): Guard {
  if (shape.hasConflictRule) return { condition: '', rule: onConflict(shape, 'DO NOTHING') }
  const sameKey = shape.key.map((column, index) => `${column.sql} = v.c${index}`).join(' AND ')
  return { condition: `WHERE NOT EXISTS (SELECT FROM ${shape.sql} AS t WHERE ${sameKey})`, rule: '' }
}

function onConflict(shape: TableShape, action: string): string {
  return `ON CONFLICT (${shape.key.map((column) => quoteName(column.name)).join(', ')}) ${action}`
}

/** In the order of the keys, so that two writers of the same records wait for each other instead of in a circle. */
function insertStatement(
  context: WriteContext,
  part: readonly KeyedInsert[],
  guard: Guard,
  selectList: string,
): readonly [string, Parameters['values']] {
  const { shape } = context
  const parameters = new Parameters()
  const columns = writableColumns(shape, fieldsBesideKey(shape, present(part[0], 'insert').values))
  const arrays = [...keyArrays(shape, part, parameters), ...valueArrays(columns, part, parameters)]
  const all = [...shape.key, ...columns]
  const names = all.map((_, index) => `c${index}`)
  const override = shape.key.some((column) => column.needsOverride) ? 'OVERRIDING SYSTEM VALUE' : ''
  const sql = `INSERT INTO ${shape.sql} AS t (${all.map((column) => quoteName(column.name)).join(', ')}) ${override}
    SELECT ${names.map((name) => `v.${name}`).join(', ')}
    FROM unnest(${arrays.join(', ')}) AS v(${names.join(', ')}) ${guard.condition}
    ORDER BY ${shape.key.map((_, index) => index + 1).join(', ')}
    ${guard.rule} RETURNING ${selectList}`
  return [sql, parameters.values]
}

/**
 * Creates records under keys drawn from the table's own sequence. `keyChanged` is told when a trigger gave a record
 * another key. A record that is rejected is handed to `rejected`.
 */
export async function insertDrawn(
  context: WriteContext,
  inserts: readonly KeyedInsert[],
  rejected: (insert: KeyedInsert) => void,
  keyChanged: (insert: KeyedInsert, key: string) => Promise<void>,
): Promise<void> {
  for (const group of groupBy(inserts, (insert) => fieldSet(insert.values)).values()) {
    await splitOnFailure(
      context.transaction,
      group,
      (part) => insertDrawnPart(context, part, rejected, keyChanged),
      (insert, error) => {
        if (isKeyTaken(context.shape, error)) reject(context, insert.index, laggingSequence(context, insert))
        else rejectByError(context, insert, error)
        rejected(insert)
      },
    )
  }
}

function laggingSequence({ shape }: WriteContext, { key }: KeyedInsert) {
  const message = `${shape.schema.table} made the key ${displayKey(key)} for the new record, and another record has it already: records were numbered by hand, and the sequence lags behind; set it with setval()`
  return problem('INSERT_FAILED', message, {
    field: shape.schema.keyFields[0] ?? null,
    value: displayKey(key),
  })
}

async function insertDrawnPart(
  context: WriteContext,
  part: readonly KeyedInsert[],
  rejected: (insert: KeyedInsert) => void,
  keyChanged: (insert: KeyedInsert, key: string) => Promise<void>,
): Promise<void> {
  const reader = snapshotReader(context.shape, context.returning)
  const rows = await context.transaction.send(...insertStatement(context, part, unguarded, reader.selectList))
  const created = indexBy(rows.map(reader.read), (record) => record.key)
  const unanswered = part.filter((insert) => !created.has(insert.key)).length
  if (unanswered > 0 && part.length > 1) throw new AmbiguousAnswersError(unanswered)
  for (const insert of part) {
    const record = created.get(insert.key) ?? [...created.values()][0]
    if (record) context.results[insert.index] = { status: 'written', record }
    else {
      reject(context, insert.index, skippedProblem(context, insert))
      rejected(insert)
    }
    if (record && record.key !== insert.key) await keyChanged(insert, record.key)
  }
}
