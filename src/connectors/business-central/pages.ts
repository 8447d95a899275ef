import { z } from 'zod'
import type { BoundFilter } from '../../core/mapping/filter.ts'
import { matchesFilter } from '../../core/mapping/filter-match.ts'
import type { Page, ReadRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { businessCentralDialect } from '../odata/dialects.ts'
import { toServerFilter } from '../odata/filter.ts'
import { LinkTrail, LinkTrailState, type ODataRow } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import { allOf, everything, type ServerFilter } from '../odata/server-filter.ts'
import { selection, snapshotOf, valuesOf } from './rows.ts'
import type { TableShape } from './shape.ts'

/** Where a walk along the links of the service stands. */
export const WalkPosition = z.strictObject({ link: z.string(), trail: LinkTrailState })
export type WalkPosition = z.infer<typeof WalkPosition>

/** What is asked of the service, and what is left to be sorted out here. */
export interface Selection {
  readonly select: readonly string[]
  readonly server: ServerFilter
  /** To be evaluated on each row; null where the service has done it. */
  readonly local: BoundFilter | null
}

/** `first` is asked for in any case; of the filter as much as goes together with it (connectors.md B.3). */
export function select(
  shape: TableShape,
  request: Pick<ReadRequest, 'fields' | 'filter'>,
  first: ServerFilter = everything,
): Selection {
  const { filter } = request
  const asked =
    filter === null ? everything : toServerFilter(filter, shape.filterProperties, businessCentralDialect)
  const server = allOf([first, asked], businessCentralDialect)
  const isNothing = asked.kind === 'nothing'
  return {
    select: selection(shape, request.fields, filter),
    server: isNothing ? asked : server,
    local: filter === null || server.isExact ? null : filter,
  }
}

/** Rows that pass what was left to be sorted out. */
export function passing(
  shape: TableShape,
  { local }: Selection,
  rows: readonly ODataRow[],
): readonly ODataRow[] {
  if (local === null) return rows
  const { fields } = shape.schema
  const names = selection(shape, [], local)
  return rows.filter((row) => matchesFilter(local, valuesOf(shape, row, names), fields))
}

export interface Walk {
  readonly rows: readonly ODataRow[]
  readonly next: WalkPosition | null
}

/**
 * One page of a walk in the order of the key, which never changes, so that what is inserted or deleted meanwhile moves
 * nothing. The size of a page is a wish that has to come with every link.
 */
export async function walk(
  shape: TableShape,
  asked: Selection,
  position: WalkPosition | null,
  request: Pick<ReadRequest, 'limit' | 'signal'>,
): Promise<Walk> {
  if (asked.server.kind === 'nothing') return { rows: [], next: null }
  const orderBy = shape.key.map(({ schema }) => schema.name)
  const query = { select: asked.select, filter: filterText(asked.server), orderBy }
  const page = await shape.client.page(position?.link ?? withQuery(shape.path, query), {
    prefer: { maxPageSize: request.limit },
    signal: request.signal,
  })
  const trail = new LinkTrail(shape.facts, position?.trail)
  trail.follow(page)
  return { rows: page.rows, next: page.next === null ? null : { link: page.next, trail: trail.state } }
}

export function filterText(server: ServerFilter): string | null {
  return server.kind === 'expression' ? server.text : null
}

/** A page by key, as `ConnectedTable.readAll` promises it. */
export async function readAll(shape: TableShape, request: ReadRequest): Promise<Page> {
  const asked = select(shape, request)
  const position = request.cursor === null ? null : WalkPosition.parse(JSON.parse(request.cursor))
  const { rows, next } = await walk(shape, asked, position, request)
  return {
    records: toSnapshots(shape, asked, rows, request.fields),
    next: next === null ? null : JSON.stringify(next),
  }
}

export function toSnapshots(
  shape: TableShape,
  asked: Selection,
  rows: readonly ODataRow[],
  fields: readonly string[],
): readonly RecordSnapshot[] {
  return passing(shape, asked, rows).map((row) => snapshotOf(shape, row, fields))
}

/** A page of keys, as `ConnectedTable.listKeys` promises it. */
export async function listKeys(
  shape: TableShape,
  request: { readonly cursor: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<{ keys: readonly RecordKey[]; next: string | null }> {
  const { records, next } = await readAll(shape, { ...request, fields: [], filter: null })
  return { keys: records.map(({ key }) => key), next }
}
