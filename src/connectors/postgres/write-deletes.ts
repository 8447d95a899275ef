import { problem } from '../../core/errors.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { present } from '../../lib/assert.ts'
import { Parameters } from './parameters.ts'
import { readRecordsByKeys } from './read-pages.ts'
import { isLockTimeout, recordProblem } from './record-problems.ts'
import { splitOnFailure } from './split-on-failure.ts'
import { withoutLocked } from './without-locked.ts'
import { keyArrays, reject, type WriteContext } from './write-context.ts'

export interface Delete {
  readonly index: number
  readonly key: RecordKey
  readonly keyTexts: readonly string[]
  readonly expectedVersion: string
}

/** Conditional deletes in bulk; a record that others refer to stands alone, like every record that is refused. */
export async function writeDeletes(context: WriteContext, deletes: readonly Delete[]): Promise<void> {
  await splitOnFailure(
    context.transaction,
    deletes,
    (part) => deletePart(context, part),
    (one, error) => rejectDelete(context, one, error),
    (part) => withoutLocked(context, part, 'UPDATE'),
  )
}

function rejectDelete(context: WriteContext, { index }: Delete, error: unknown): void {
  if (isLockTimeout(error)) context.results[index] = { status: 'locked' }
  else reject(context, index, problem('DELETE_FAILED', recordProblem(context.shape, {}, error).message))
}

async function deletePart(context: WriteContext, part: readonly Delete[]): Promise<void> {
  const { shape } = context
  const parameters = new Parameters()
  const arrays = [
    parameters.add(
      part.map((_, index) => String(index)),
      'int4[]',
    ),
    parameters.add(
      part.map(({ expectedVersion }) => expectedVersion),
      'text[]',
    ),
    ...keyArrays(shape, part, parameters),
  ]
  const names = ['i', 'version', ...shape.key.map((_, index) => `k${index}`)]
  const sameKey = shape.key.map((column, index) => `${column.sql} = v.k${index}`)
  const sql = `DELETE FROM ${shape.sql} AS t USING unnest(${arrays.join(', ')}) AS v(${names.join(', ')})
    WHERE ${sameKey.join(' AND ')} AND ${shape.versionSql} IS NOT DISTINCT FROM v.version RETURNING v.i`
  const gone = new Set<Delete>()
  for (const row of await context.transaction.send(sql, parameters.values)) {
    const deleted = present(part[Number(row[0])], 'deleted record')
    gone.add(deleted)
    context.results[deleted.index] = { status: 'deleted' }
  }
  const open = part.filter((each) => !gone.has(each))
  if (open.length > 0) await explainOpen(context, open)
}

/** Why a delete was not carried out: the record is gone, it has another version, or the table skipped the delete. */
async function explainOpen(context: WriteContext, open: readonly Delete[]): Promise<void> {
  const keys = open.map(({ key }) => key)
  const found = await readRecordsByKeys(context.shape, context.transaction.read, keys, [])
  for (const { index, key, expectedVersion } of open) {
    const record = found.get(key)
    if (!record) context.results[index] = { status: 'missing' }
    else if (record.version !== expectedVersion) context.results[index] = { status: 'version-mismatch' }
    else {
      const message = `${context.shape.schema.table}: a trigger, rule or policy of the table skipped the delete of ${displayKey(key)}`
      reject(context, index, problem('DELETE_FAILED', message))
    }
  }
}
