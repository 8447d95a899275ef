import { normaliseMatch } from '../../core/coupling/normalise.ts'
import { filterFields } from '../../core/mapping/filter-bind.ts'
import type { MatchRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { rawOf, tagOf, type Value } from '../../core/values/value.ts'
import { groupBy } from '../../lib/group.ts'
import { dataverseDialect } from '../odata/dialects.ts'
import { toServerFilter } from '../odata/filter.ts'
import { odataLiteral } from '../odata/literal.ts'
import type { ODataRow } from '../odata/page.ts'
import type { Column } from './column.ts'
import { readRows } from './read-by-keys.ts'
import { passesFilter, recordReader, selectionOf, valueOfColumn } from './rows.ts'
import { getColumns, type TableShape } from './shape.ts'
import type { TableAccess } from './table-access.ts'

type MatchField = MatchRequest['matchFields'][number]
type Candidate = MatchRequest['candidates'][number]

/**
 * Candidates are searched for many at once: each test of the service lets more through than is meant (letter case, accents),
 * and what comes back is compared here. It cannot normalise, so with normalised match fields all records that pass the
 * filter are looked through; nothing but what was found is kept.
 */
export async function findByMatch(
  access: TableAccess,
  request: MatchRequest,
): Promise<readonly (readonly RecordSnapshot[])[]> {
  const { shape } = access
  const { filter, matchFields, candidates } = request
  const columns = getColumns(
    shape,
    matchFields.map(({ field }) => field),
  )
  const looked = [...matchFields.map(({ field }) => field), ...(filter ? filterFields(filter) : [])]
  const selection = selectionOf(shape, request.fields, looked)
  const found: RecordSnapshot[][] = candidates.map(() => [])
  const question = filter && toServerFilter(filter, shape.filterProperties, dataverseDialect)
  if (question?.kind === 'nothing') return found
  const passes = passesFilter(shape, question?.isExact === false ? filter : null)
  const read = recordReader(shape, request.fields)
  const placesByKey = groupBy(candidates.keys(), (place) => compared(candidates[place] ?? [], matchFields))
  const base = question?.kind === 'expression' ? question.text : null
  await readRows(access, {
    filters: matchFilters(columns, request).map((text) => both(base, text)),
    ...selection,
    signal: request.signal,
    onRow: (row) => {
      const key = comparedRow(shape, columns, matchFields, row)
      const open = (key === null ? [] : (placesByKey.get(key) ?? [])).filter(
        (place) => (found[place]?.length ?? 0) < request.limitPerCandidate,
      )
      if (open.length === 0 || !passes(row)) return
      const record = read(row)
      for (const place of open) found[place]?.push(record)
    },
  })
  return found
}

function both(a: string | null, b: string | null): string | null {
  return a === null || b === null ? (a ?? b) : `(${a}) and (${b})`
}

/** Dataverse takes 500 conditions in one question; an address may have 32 KB. */
const mostConditions = 400
const mostBytes = 12_000

/** Each candidate is in exactly one of these; a single null asks for everything. */
function matchFilters(
  columns: readonly Column[],
  { matchFields, candidates }: MatchRequest,
): readonly (string | null)[] {
  if (matchFields.some(({ normalise = [] }) => normalise.length > 0))
    return candidates.length > 0 ? [null] : []
  if (columns.some(({ typeOf }) => typeOf !== null)) return candidates.length > 0 ? [null] : []
  const tests = [...new Set(candidates.map((candidate) => candidateTest(columns, candidate)))]
  const filters: string[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const test of tests) {
    if (test === null) continue
    const size = encodeURIComponent(test).length + 10
    const last = filters.at(-1)
    if (last && bytes + size <= mostBytes && (last.length + 1) * columns.length <= mostConditions) {
      last.push(test)
      bytes += size
    } else {
      filters.push([test])
      bytes = size
    }
  }
  return filters.map((each) => each.join(' or '))
}

/** Null where no record can hold such a value. */
function candidateTest(columns: readonly Column[], candidate: Candidate): string | null {
  try {
    const tests = columns.map((column, index) => {
      const value = candidate[index]
      if (value === undefined) throw new RangeError('A candidate has a value for each match field')
      return `${column.property} eq ${odataLiteral(value, column.edm)}`
    })
    return `(${tests.join(' and ')})`
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** One text that a candidate shares with the records that match it. */
function compared(values: readonly Value[], matchFields: readonly MatchField[]): string {
  return JSON.stringify(
    values.map((value, index) =>
      value === null || matchFields[index]?.caseSensitive || tagOf(value) !== 'text'
        ? value
        : rawOf(value).toLowerCase(),
    ),
  )
}

function comparedRow(
  shape: TableShape,
  columns: readonly Column[],
  matchFields: readonly MatchField[],
  row: ODataRow,
): string | null {
  const values: Value[] = []
  for (const [index, column] of columns.entries()) {
    const value = valueOfColumn(shape, column, row)
    if (value === null) return null
    values.push(normaliseMatch(value, matchFields[index]?.normalise ?? []))
  }
  return compared(values, matchFields)
}
