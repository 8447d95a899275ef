import { isMatch } from '../../core/coupling/is-match.ts'
import { SyncError } from '../../core/errors.ts'
import { assertFields } from '../../core/mapping/assert-fields.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { TableSchema } from '../../core/mapping/schema.ts'
import type {
  ChangePage,
  ConnectedTable,
  MatchRequest,
  Page,
  ReadChangesRequest,
  ReadRequest,
  RecordSnapshot,
  WriteOperation,
  WriteRequest,
  WriteResult,
} from '../../core/ports/connector.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import { decodeKey, encodeKey, type RecordKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'

/** Values as a service gives and takes them: texts, or null. Numbers as texts too, so that no digit is lost. */
export type SourceValues = Readonly<Record<string, string | null>>

export interface SourceRecord {
  readonly values: SourceValues
  /** Changes with every change of the record. */
  readonly version: string
}

interface SourceRequest {
  readonly limit: number
  readonly signal: AbortSignal
}

/** What `simpleTable` asks of a service. Every method is one request, or a constant number of them. */
export interface SimpleSource {
  readonly schema: TableSchema
  /** All records in an order that stays; `after`: what the page before gave as `next`, which is null at the end. */
  readPage(
    request: SourceRequest & { readonly after: string | null },
  ): Promise<{ readonly records: readonly SourceRecord[]; readonly next: string | null }>
  /**
   * Records changed after the mark, oldest change first; null: all. `mark` stands behind the last of them, and is the mark
   * that was given when there are none. `isLast`: nothing has been changed behind it that was there when the pass began.
   */
  readChanges(
    request: SourceRequest & { readonly since: string | null; readonly end: string },
  ): Promise<{ readonly records: readonly SourceRecord[]; readonly mark: string; readonly isLast: boolean }>
  /** A mark behind which every change will stand that cannot be seen yet. */
  takeMark(signal: AbortSignal): Promise<string>
  /** The records of these keys that exist; a key is the texts of its fields. */
  readRecords(keys: readonly (readonly string[])[], signal: AbortSignal): Promise<readonly SourceRecord[]>
  /** Differs after everything that could hide records (`ConnectedTable.readAccess`). */
  readAccess(signal: AbortSignal): Promise<string>
  /** Left out: the service is only read. One answer per write, each carried out by itself. */
  write?(writes: readonly SourceWrite[], signal: AbortSignal): Promise<readonly SourceAnswer[]>
}

export interface SourceWrite {
  readonly kind: WriteOperation['kind']
  /** Texts of its fields; null for an insert whose key the service makes. */
  readonly key: readonly string[] | null
  /** Written only while the record has this version; null for an insert, which never writes over anything. */
  readonly version: string | null
  readonly values: SourceValues
  /** Of an insert: the same token is the same creation. */
  readonly token: string | null
}

export type SourceAnswer =
  | { readonly status: 'written'; readonly record: SourceRecord }
  | { readonly status: 'exists'; readonly record: SourceRecord }
  | Exclude<WriteResult, { readonly status: 'written' | 'exists' }>

/** A table whose service only gives and takes records: filters, keys, matching and types are seen to here. */
export function simpleTable(source: SimpleSource): ConnectedTable {
  const { schema } = source
  const read = (request: ReadRequest) => readPage(source, request)
  return {
    schema,
    tombstones: null,
    takeWatermark: (signal) => source.takeMark(signal),
    readChanges: (request) => readChanges(source, request),
    readAll: read,
    async readByKeys(keys, fields, signal) {
      assertFields(schema, fields)
      const asked = keys.map((key) => partsOf(schema, key)).filter((parts) => parts !== null)
      const records = asked.length === 0 ? [] : await source.readRecords(asked, signal)
      return new Map(records.map((record) => [keyOf(schema, record), snapshot(schema, record, fields)]))
    },
    findByMatch: (request) => findByMatch(source, request),
    readAccess: (signal) => source.readAccess(signal),
    async listKeys(request) {
      const { records, next } = await read({ ...request, fields: [], filter: null })
      return { keys: records.map(({ key }) => key), next }
    },
    write: (request) => write(source, request),
  }
}

async function readPage(source: SimpleSource, request: ReadRequest): Promise<Page> {
  assertFields(source.schema, request.fields)
  const { cursor, limit, signal } = request
  const { records, next } = await source.readPage({ after: cursor, limit, signal })
  return { records: passing(source.schema, records, request), next }
}

/** The end of a pass stays where it was at its first page: else a busy table would never be read to its end. */
async function readChanges(source: SimpleSource, request: ReadChangesRequest): Promise<ChangePage> {
  assertFields(source.schema, request.fields)
  const { limit, signal } = request
  const [since, end]: [string | null, string] =
    request.cursor === null ? [request.watermark, await source.takeMark(signal)] : JSON.parse(request.cursor)
  const { records, mark, isLast } = await source.readChanges({ since, end, limit, signal })
  const next = isLast ? null : JSON.stringify([mark, end])
  return { records: passing(source.schema, records, request), next, watermark: mark }
}

function passing(
  schema: TableSchema,
  records: readonly SourceRecord[],
  { filter, fields }: Pick<ReadRequest, 'filter' | 'fields'>,
): readonly RecordSnapshot[] {
  const all = [...schema.fields.keys()]
  const wanted =
    filter === null
      ? records
      : records.filter((record) => matchesFilter(filter, valuesOf(schema, record, all), schema.fields))
  return wanted.map((record) => snapshot(schema, record, fields))
}

const matchPage = 1_000

/** The whole table is read once for all candidates: good for some ten thousand records. */
async function findByMatch(
  source: SimpleSource,
  { candidates, matchFields, limitPerCandidate, ...request }: MatchRequest,
): Promise<readonly (readonly RecordSnapshot[])[]> {
  const names = matchFields.map(({ field }) => field)
  assertFields(source.schema, [...names, ...request.fields])
  const found: RecordSnapshot[][] = candidates.map(() => [])
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    if (candidates.length === 0) break
    const asked = { ...request, fields: [...names, ...request.fields], cursor, limit: matchPage }
    const page: Page = await readPage(source, asked)
    for (const record of page.records) {
      for (const [index, list] of found.entries()) {
        if (list.length < limitPerCandidate && isMatch(record.values, matchFields, candidates[index] ?? []))
          list.push(record)
      }
    }
    cursor = page.next
  }
  return found
}

async function write(source: SimpleSource, request: WriteRequest): Promise<readonly WriteResult[]> {
  const { operations, returning, assertMaySend, signal } = request
  const { schema } = source
  const written = operations.flatMap((each) => (each.kind === 'delete' ? [] : Object.keys(each.values)))
  assertFields(schema, [...written, ...returning])
  if (!source.write)
    throw new SyncError('TABLE_NOT_USABLE', `Table ${schema.table} is only read, never written`)
  const sent = operations.filter((each) => each.key === null || partsOf(schema, each.key) !== null)
  assertMaySend()
  const answers =
    sent.length === 0
      ? []
      : await source.write(
          sent.map((each) => toSourceWrite(schema, each)),
          signal,
        )
  const results = new Map(sent.map((each, index) => [each, toResult(schema, answers[index], returning)]))
  return operations.map((each) => results.get(each) ?? { status: 'missing' })
}

function toSourceWrite(schema: TableSchema, operation: WriteOperation): SourceWrite {
  const values = operation.kind === 'delete' ? {} : textsOf(operation.values)
  const isInsert = operation.kind === 'insert'
  return {
    kind: operation.kind,
    key: operation.key === null ? null : partsOf(schema, operation.key),
    version: isInsert ? null : operation.expectedVersion,
    values,
    token: isInsert ? operation.token : null,
  }
}

function toResult(
  schema: TableSchema,
  answer: SourceAnswer | undefined,
  returning: readonly string[],
): WriteResult {
  if (answer === undefined)
    throw new SyncError('ANSWER_INVALID', `Table ${schema.table}: there are fewer answers than writes`)
  if (answer.status !== 'written' && answer.status !== 'exists') return answer
  return { ...answer, record: snapshot(schema, answer.record, returning) }
}

function snapshot(schema: TableSchema, record: SourceRecord, fields: readonly string[]): RecordSnapshot {
  const { modifiedField } = schema
  const modified = modifiedField === null ? null : readValue(schema, record, modifiedField)
  return {
    key: keyOf(schema, record),
    version: record.version,
    modifiedAt: modified === null ? null : rawOf(modified),
    values: valuesOf(schema, record, fields),
  }
}

function keyOf(schema: TableSchema, record: SourceRecord): RecordKey {
  return encodeKey(schema.keyFields.map((field) => readValue(schema, record, field)))
}

function valuesOf(schema: TableSchema, record: SourceRecord, fields: readonly string[]): Values {
  return Object.fromEntries(fields.map((field) => [field, readValue(schema, record, field)]))
}

function readValue(schema: TableSchema, { values }: SourceRecord, field: string): Value {
  const raw = values[field] ?? null
  const value = raw === null ? null : parse(schema, field, raw)
  if (raw === null || value !== null) return value
  const message = `Table ${schema.table}: the service gives a ${field} that is no ${schema.fields.get(field)?.type.kind}`
  throw new SyncError('ANSWER_INVALID', message, { data: { table: schema.table, field } })
}

/** Text stays as it is, blanks and all. Null: the text is no value of the field. */
function parse(schema: TableSchema, field: string, raw: string): Value {
  const type = schema.fields.get(field)?.type
  if (type === undefined) return null
  if (type.kind === 'text' || type.kind === 'code') return `text:${raw}`
  const parsed = parseLiteral(raw, type)
  return parsed.ok ? parsed.value : null
}

/** The texts of a key; null for a key that no record of the table can have. */
function partsOf(schema: TableSchema, key: RecordKey): readonly string[] | null {
  const parts = decodeKey(key)
  const fits =
    parts.length === schema.keyFields.length &&
    parts.every((part, index) => parse(schema, schema.keyFields[index] ?? '', rawOf(part)) === part)
  return fits ? parts.map(rawOf) : null
}

function textsOf(values: Values): SourceValues {
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, value === null ? null : rawOf(value)]),
  )
}
