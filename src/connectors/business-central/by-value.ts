import type { BoundFilter } from '../../core/mapping/filter.ts'
import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Value } from '../../core/values/value.ts'
import { assert } from '../../lib/assert.ts'
import { businessCentralDialect } from '../odata/dialects.ts'
import { toServerFilter } from '../odata/filter.ts'
import { isJsonObject } from '../odata/json.ts'
import { LinkTrail, type ODataRow, readPage } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import { readParts } from './parts.ts'
import { recordPath, selection, snapshotOf } from './rows.ts'
import type { TableShape } from './shape.ts'

/** Values in one filter: an id is 36 characters, and addresses are to stay below 4 KB. */
const valuesPerFilter = 40

/** Whether one request can ask for records by a list of values of this field, and find all of them. */
export function canAskFor(shape: TableShape, field: string, values: readonly NonNullable<Value>[]): boolean {
  return values.every(
    (value) =>
      toServerFilter(oneOf(field, [value]), shape.filterProperties, businessCentralDialect).kind !==
      'everything',
  )
}

const oneOf = (field: string, values: readonly NonNullable<Value>[]): BoundFilter => ({
  field,
  op: 'in',
  values,
})

/**
 * Rows whose field has one of the values, perhaps more rows; in batches of lists. Each value must be one that
 * `canAskFor` says yes to.
 */
export async function readRowsByValue(
  shape: TableShape,
  request: {
    readonly field: string
    readonly values: readonly NonNullable<Value>[]
    readonly select: readonly string[]
    readonly signal: AbortSignal
  },
): Promise<readonly ODataRow[]> {
  const { field, select, signal } = request
  const values = [...new Set(request.values)]
  const paths: string[] = []
  for (let at = 0; at < values.length; at += valuesPerFilter) {
    const filters = filtersFor(shape, field, values.slice(at, at + valuesPerFilter))
    paths.push(...filters.map((filter) => withQuery(shape.path, { select, filter })))
  }
  const answers = await readParts(shape.client, paths, `read ${shape.schema.table}`, {
    pacing: shape.pacing,
    signal,
  })
  const rows: ODataRow[] = []
  for (const answer of answers) rows.push(...(await allRows(shape, answer?.body ?? null, signal)))
  return rows
}

/** One filter for the values, or several where they are too long for one. */
function filtersFor(
  shape: TableShape,
  field: string,
  values: readonly NonNullable<Value>[],
): readonly string[] {
  const server = toServerFilter(oneOf(field, values), shape.filterProperties, businessCentralDialect)
  if (server.kind === 'nothing') return []
  if (server.kind === 'expression') return [server.text]
  assert(values.length > 1, 'a value that can be asked for')
  const half = Math.ceil(values.length / 2)
  return [values.slice(0, half), values.slice(half)].flatMap((part) => filtersFor(shape, field, part))
}

/** The rows of an answer, and of all pages behind it. */
async function allRows(
  shape: TableShape,
  body: Parameters<typeof readPage>[0],
  signal: AbortSignal,
): Promise<readonly ODataRow[]> {
  const trail = new LinkTrail(shape.facts)
  const rows: ODataRow[] = []
  for (let page = readPage(body, (link) => link, shape.facts); ; ) {
    trail.follow(page)
    rows.push(...page.rows)
    if (page.next === null) return rows
    page = await shape.client.page(page.next, { signal })
  }
}

/** The records that exist, as `ConnectedTable.readByKeys` promises it. */
export async function readByKeys(
  shape: TableShape,
  keys: readonly RecordKey[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const select = selection(shape, fields, null)
  const rows = await readKeyRows(shape, [...new Set(keys)], select, signal)
  const wanted = new Set(keys)
  const records = rows.map((row) => snapshotOf(shape, row, fields)).filter(({ key }) => wanted.has(key))
  return new Map(records.map((record) => [record.key, record]))
}

/** By a list where the key is an id, else address by address: a number may hold what means something in a filter. */
async function readKeyRows(
  shape: TableShape,
  keys: readonly RecordKey[],
  select: readonly string[],
  signal: AbortSignal,
): Promise<readonly ODataRow[]> {
  const [only, ...more] = shape.key
  const possible = keys.flatMap((key) => recordPath(shape, key) ?? [])
  if (only && more.length === 0 && only.schema.type.kind === 'uuid') {
    const values = keys.filter((key) => recordPath(shape, key) !== null) as NonNullable<Value>[]
    return readRowsByValue(shape, { field: only.schema.name, values, select, signal })
  }
  const paths = possible.map((path) => withQuery(path, { select }))
  const answers = await readParts(shape.client, paths, `read ${shape.schema.table}`, {
    pacing: shape.pacing,
    signal,
  })
  return answers.flatMap((answer) => (isJsonObject(answer?.body ?? null) ? [answer?.body as ODataRow] : []))
}
