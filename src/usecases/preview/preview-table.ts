import type { CompiledSide } from '../../core/mapping/compile.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { ConnectedTable, RecordSnapshot, WriteRequest, WriteResult } from '../../core/ports/connector.ts'
import type { PlannedRecord } from '../../core/ports/preview-store.ts'
import { predictInsert, predictUpdate } from '../../core/sync/predict.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Value } from '../../core/values/value.ts'
import type { CostMeter } from './cost-meter.ts'
import type { PlannedRecords } from './planned-records.ts'

interface Preview {
  readonly table: ConnectedTable
  readonly side: Side
  readonly compiled: CompiledSide
  readonly planned: PlannedRecords
  readonly meter: CostMeter
}

/**
 * A table as the preview sees it: every read is a real one, with what the preview would have written laid over it, and
 * a write only predicts its answer. So whoever reads after a write, the job of the other direction say, judges what
 * would be there then. A prediction knows nothing of triggers, defaults and constraints of the table.
 */
export function previewTable(preview: Preview): ConnectedTable {
  const { table, side, meter, planned } = preview
  const overlaid = async (records: readonly RecordSnapshot[], fields: readonly string[]) => {
    const { byRealKey } = await planned.find(
      side,
      records.map(({ key }) => key),
    )
    return records.map((record) => {
      const written = byRealKey.get(record.key)
      return written === undefined ? record : toSnapshot(written, fields)
    })
  }
  return {
    schema: table.schema,
    tombstones: table.tombstones,
    takeWatermark: (signal) => table.takeWatermark(signal),
    readAccess: (signal) => table.readAccess(signal),
    listKeys(request) {
      meter.countRead(side)
      return table.listKeys(request)
    },
    async readChanges(request) {
      meter.countRead(side)
      const page = await table.readChanges(request)
      return { ...page, records: await overlaid(page.records, request.fields) }
    },
    async readAll(request) {
      meter.countRead(side)
      const page = await table.readAll(request)
      return { ...page, records: await overlaid(page.records, request.fields) }
    },
    readByKeys(keys, fields, signal) {
      meter.countRead(side)
      return readByKeys(preview, keys, fields, signal)
    },
    async findByMatch(request) {
      meter.countRead(side)
      const answers = await table.findByMatch(request)
      const all = await overlaid(answers.flat(), request.fields)
      let taken = 0
      return answers.map((answer) => {
        taken += answer.length
        return all.slice(taken - answer.length, taken)
      })
    },
    write(request) {
      meter.countWrite(side, request.operations.length)
      return predictWrites(preview, request)
    },
  }
}

async function readByKeys(
  { table, side, planned }: Pick<Preview, 'table' | 'side' | 'planned'>,
  keys: readonly RecordKey[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const { byKey, byRealKey } = await planned.find(side, keys)
  const real = keys.filter((key) => !byKey.has(key) && !byRealKey.has(key))
  const found = new Map(real.length > 0 ? await table.readByKeys(real, fields, signal) : [])
  for (const key of keys) {
    const written = byKey.get(key)
    if (written) found.set(key, toSnapshot(written, fields))
  }
  return found
}

function toSnapshot(
  { key, version, modifiedAt, values }: PlannedRecord,
  fields: readonly string[],
): RecordSnapshot {
  const asked: Record<string, Value> = {}
  for (const field of fields) asked[field] = values[field] ?? null
  return { key, version, modifiedAt, values: asked }
}

/** One answer per operation, as the table would give it: what is there is looked up, what would be there is remembered. */
async function predictWrites(preview: Preview, request: WriteRequest): Promise<readonly WriteResult[]> {
  const { side, planned } = preview
  const keys = request.operations.flatMap(({ key }) => (key === null ? [] : [key]))
  const { byKey } = await planned.find(side, keys)
  const there = new Map(await readByKeys(preview, keys, request.returning, request.signal))
  return request.operations.map((operation): WriteResult => {
    const before = operation.key === null ? undefined : there.get(operation.key)
    const answer = predict(preview, operation, before, request.returning)
    if (answer.status !== 'written') return answer
    const { record } = answer
    const realKey =
      operation.kind === 'insert' ? null : (byKey.get(operation.key) ?? { realKey: operation.key }).realKey
    planned.add(side, { ...copyOf(record), realKey })
    there.set(record.key, record)
    return answer
  })
}

function copyOf({ key, version, modifiedAt, values }: RecordSnapshot) {
  return { key, version, modifiedAt, values }
}

function predict(
  { table, compiled }: Preview,
  operation: WriteRequest['operations'][number],
  before: RecordSnapshot | undefined,
  returning: readonly string[],
): WriteResult {
  if (operation.kind === 'insert') {
    if (before !== undefined) return { status: 'exists', record: before }
    const { referenceField } = compiled
    return { status: 'written', record: predictInsert(operation, table.schema, returning, referenceField) }
  }
  if (before === undefined) return { status: 'missing' }
  if (before.version !== operation.expectedVersion) return { status: 'version-mismatch' }
  if (operation.kind === 'delete') return { status: 'deleted' }
  return { status: 'written', record: predictUpdate(operation, before, table.schema) }
}
