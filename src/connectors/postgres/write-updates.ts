import { problem } from '../../core/errors.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import type { Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { groupBy } from '../../lib/group.ts'
import { quoteName } from './identifiers.ts'
import { Parameters } from './parameters.ts'
import { readRecordsByKeys } from './read-pages.ts'
import type { TableShape } from './shape.ts'
import { snapshotReader } from './snapshots.ts'
import { splitOnFailure } from './split-on-failure.ts'
import { withoutLocked } from './without-locked.ts'
import {
  fieldSet,
  keyArrays,
  reject,
  rejectByError,
  valueArrays,
  type WriteContext,
  writableColumns,
} from './write-context.ts'

export interface Update {
  readonly index: number
  readonly key: RecordKey
  readonly keyTexts: readonly string[]
  readonly expectedVersion: string
  readonly values: Values
}

/** With more lists of fields than this, one statement carries them all: the number of statements does not grow with the page. */
const MAX_FIELD_LISTS = 8

/**
 * Conditional updates in bulk. The version is part of the condition: when somebody else has just changed the row, the
 * statement waits for them, looks at the new row and leaves it alone.
 */
export async function writeUpdates(context: WriteContext, updates: readonly Update[]): Promise<void> {
  for (const group of groupsOf(updates)) {
    await splitOnFailure(
      context.transaction,
      group,
      (part) => updatePart(context, part),
      (update, error) => rejectByError(context, update, error),
      (part) => withoutLocked(context, part, 'NO KEY UPDATE'),
    )
  }
}

/** By list of fields, so that triggers for a column fire only where it is written; updates without fields stand apart. */
function groupsOf(updates: readonly Update[]): readonly (readonly Update[])[] {
  const groups = [...groupBy(updates, (update) => fieldSet(update.values)).values()]
  if (groups.length <= MAX_FIELD_LISTS) return groups
  const isChecked = (update: Update) => Object.keys(update.values).length === 0
  return [updates.filter(isChecked), updates.filter((update) => !isChecked(update))]
}

async function updatePart(context: WriteContext, part: readonly Update[]): Promise<void> {
  const answered = new Set<Update>()
  if (Object.keys(present(part[0], 'update').values).length > 0) {
    const reader = snapshotReader(context.shape, context.returning, 1)
    for (const row of await context.transaction.send(...updateStatement(context, part, reader.selectList))) {
      const update = present(part[Number(row[0])], 'updated record')
      answered.add(update)
      context.results[update.index] = { status: 'written', record: reader.read(row) }
    }
  }
  const open = part.filter((update) => !answered.has(update))
  if (open.length > 0) await explainOpen(context, open)
}

function updateStatement(
  context: WriteContext,
  part: readonly Update[],
  selectList: string,
): readonly [string, Parameters['values']] {
  const { shape } = context
  const parameters = new Parameters()
  const positions = parameters.add(
    part.map((_, index) => String(index)),
    'int4[]',
  )
  const versions = parameters.add(
    part.map((update) => update.expectedVersion),
    'text[]',
  )
  const assigned = assignments(shape, part, parameters)
  const arrays = [...keyArrays(shape, part, parameters), ...assigned.arrays]
  const names = ['i', 'version', ...shape.key.map((_, index) => `k${index}`), ...assigned.names]
  const sameKey = shape.key.map((column, index) => `${column.sql} = v.k${index}`)
  const sql = `UPDATE ${shape.sql} AS t SET ${assigned.sets.join(', ')}
    FROM unnest(${[positions, versions, ...arrays].join(', ')}) AS v(${names.join(', ')})
    WHERE ${sameKey.join(' AND ')} AND ${shape.versionSql} IS NOT DISTINCT FROM v.version
    RETURNING v.i, ${selectList}`
  return [sql, parameters.values]
}

/** A field that some of the records leave out keeps its value there: flags beside the values say so. */
function assignments(shape: TableShape, part: readonly Update[], parameters: Parameters) {
  const fields = new Set(part.flatMap((update) => Object.keys(update.values)))
  const columns = writableColumns(shape, [...fields])
  const arrays = [...valueArrays(columns, part, parameters)]
  const names = columns.map((_, index) => `s${index}`)
  const sets = columns.map(({ name, sql }, index) => {
    const given = part.map((update) => Object.hasOwn(update.values, name))
    if (given.every(Boolean)) return `${quoteName(name)} = v.s${index}`
    arrays.push(parameters.add(given.map(String), 'bool[]'))
    names.push(`g${index}`)
    return `${quoteName(name)} = CASE WHEN v.g${index} THEN v.s${index} ELSE ${sql} END`
  })
  return { arrays, names, sets }
}

/** Why an update was not carried out: the record is gone, it has another version, or the table skipped the write. */
async function explainOpen(context: WriteContext, open: readonly Update[]): Promise<void> {
  const keys = open.map((update) => update.key)
  const found = await readRecordsByKeys(context.shape, context.transaction.read, keys, context.returning)
  for (const update of open) explain(context, update, found.get(update.key))
}

function explain(context: WriteContext, update: Update, record: RecordSnapshot | undefined): void {
  if (!record) {
    context.results[update.index] = { status: 'missing' }
  } else if (record.version !== update.expectedVersion) {
    context.results[update.index] = { status: 'version-mismatch' }
  } else if (Object.keys(update.values).length === 0) {
    context.results[update.index] = { status: 'written', record }
  } else {
    const message = `${context.shape.schema.table}: a trigger, rule or policy of the table skipped the change of ${displayKey(update.key)}`
    reject(context, update.index, problem('MODIFY_FAILED', message))
  }
}
