import { normaliseMatch } from '../../core/coupling/normalise.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { MatchRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { rawOf, tagOf, type Value } from '../../core/values/value.ts'
import type { ODataRow } from '../odata/page.ts'
import { everything } from '../odata/server-filter.ts'
import { canAskFor, readRowsByValue } from './by-value.ts'
import { getFields } from './fields.ts'
import { passing, select, type WalkPosition, walk } from './pages.ts'
import { selection, snapshotOf, valuesOf } from './rows.ts'
import type { TableShape } from './shape.ts'

type MatchField = MatchRequest['matchFields'][number]

/**
 * Per candidate the records that match. Asked for by value where one match field allows it: a code, a number, an id, or a
 * text whose case matters. Otherwise the whole table is read once, in pages, since the service compares texts
 * letter by letter (connectors.md B.3).
 */
export async function findByMatch(
  shape: TableShape,
  request: MatchRequest,
): Promise<readonly (readonly RecordSnapshot[])[]> {
  const { matchFields, candidates } = request
  const names = matchFields.map(({ field }) => field)
  getFields(shape, [...names, ...request.fields])
  const search = new Search(shape, request)
  if (candidates.length === 0) return []
  const asked = matchFields.findIndex((match, index) => isAskable(shape, match, valuesAt(candidates, index)))
  if (asked >= 0) {
    const rows = await readRowsByValue(shape, {
      field: names[asked] ?? '',
      values: valuesAt(candidates, asked),
      select: search.select,
      signal: request.signal,
    })
    search.look(rows)
  } else {
    await lookEverywhere(shape, request, search)
  }
  return search.found
}

function valuesAt(candidates: MatchRequest['candidates'], index: number): readonly NonNullable<Value>[] {
  return candidates.flatMap((candidate) => candidate[index] ?? [])
}

function isAskable(
  shape: TableShape,
  { field, caseSensitive, normalise = [] }: MatchField,
  values: readonly NonNullable<Value>[],
): boolean {
  const [{ schema } = { schema: null }] = getFields(shape, [field])
  const isFreeText = schema?.type.kind === 'text' && (!caseSensitive || normalise.length > 0)
  const isFreeCode = schema?.type.kind === 'code' && normalise.length > 0
  return !isFreeText && !isFreeCode && canAskFor(shape, field, values)
}

/** The records read are forgotten page by page; only matches are kept. */
async function lookEverywhere(shape: TableShape, request: MatchRequest, search: Search): Promise<void> {
  const asked = select(shape, { fields: search.select, filter: request.filter }, everything)
  let position: WalkPosition | null = null
  do {
    const page: Awaited<ReturnType<typeof walk>> = await walk(shape, asked, position, {
      limit: 5_000,
      signal: request.signal,
    })
    search.look(passing(shape, asked, page.rows))
    position = page.next
  } while (position !== null)
}

/** Candidates by the values they look for, and the records found for each. */
class Search {
  readonly select: readonly string[]
  readonly found: RecordSnapshot[][]
  readonly #shape: TableShape
  readonly #request: MatchRequest
  readonly #byValues = new Map<string, number[]>()

  constructor(shape: TableShape, request: MatchRequest) {
    const names = request.matchFields.map(({ field }) => field)
    this.#shape = shape
    this.#request = request
    this.select = selection(shape, [...request.fields, ...names], request.filter)
    this.found = request.candidates.map(() => [])
    request.candidates.forEach((candidate, index) => {
      const text = this.#textOf(candidate)
      const same = this.#byValues.get(text)
      if (same) same.push(index)
      else this.#byValues.set(text, [index])
    })
  }

  look(rows: readonly ODataRow[]): void {
    for (const row of rows) this.#lookAt(row)
  }

  #lookAt(row: ODataRow): void {
    const { matchFields, filter, fields, limitPerCandidate } = this.#request
    const values = valuesOf(this.#shape, row, this.select)
    const normalised = matchFields.map(({ field, normalise = [] }) => {
      const value = values[field] ?? null
      return value === null ? null : normaliseMatch(value, normalise)
    })
    const places = normalised.includes(null) ? undefined : this.#byValues.get(this.#textOf(normalised))
    if (!places || (filter !== null && !matchesFilter(filter, values, this.#shape.schema.fields))) return
    const record = snapshotOf(this.#shape, row, fields)
    for (const place of places) {
      const list = this.found[place]
      if (list && list.length < limitPerCandidate) list.push(record)
    }
  }

  /** Equal exactly for values that match each other. */
  #textOf(values: readonly Value[]): string {
    const parts = this.#request.matchFields.map(({ caseSensitive }, index) => {
      const value = values[index] ?? null
      const isFree = !caseSensitive && value !== null && tagOf(value) === 'text'
      return isFree ? `text:${rawOf(value).toLowerCase()}` : value
    })
    return JSON.stringify(parts)
  }
}
