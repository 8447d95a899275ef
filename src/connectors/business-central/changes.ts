import { z } from 'zod'
import type { ChangePage, ReadChangesRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { rawOf } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { businessCentralDialect } from '../odata/dialects.ts'
import { odataLiteral } from '../odata/literal.ts'
import type { ODataRow } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import { allOf, everything, type ServerFilter, test } from '../odata/server-filter.ts'
import { afterUnit, earlier, instantText } from './moments.ts'
import { filterText, readAll, type Selection, select, toSnapshots, WalkPosition, walk } from './pages.ts'
import { valuesOf } from './rows.ts'
import type { ModifiedField, TableShape } from './shape.ts'
import { blanks } from './values.ts'

/** How far before the present changes are read again, since transactions become visible late (connectors.md B.4). */
export interface ChangeSettings {
  readonly overlapMs: number
  /** Asked only where the service does not tell its own time. */
  readonly now: () => Date
}

/**
 * Where a pass over the changes stands. `empty`: records without a time, which come in every pass; `time`: all others by
 * time; `same`: those of one single time, by key, because more of them than a page holds cannot be told apart by time.
 */
const Position = z.strictObject({
  v: z.literal(1),
  field: z.string(),
  from: z.string(),
  ceiling: z.string(),
  /** Latest time when the pass began: it ends there although people go on working. Null: there was nothing. */
  top: z.string().nullable(),
  part: z.enum(['empty', 'time', 'same']),
  /** Lower bound of the part. */
  at: z.string(),
  walk: WalkPosition.nullable(),
})
type Position = z.infer<typeof Position>

/** Times as they are written into watermarks: that of the field, and its name, since another field is another order. */
const Watermark = z.strictObject({ field: z.string(), time: z.string() })

interface Context {
  readonly shape: TableShape
  readonly modified: ModifiedField
  readonly request: ReadChangesRequest
}

/** A watermark of this moment; empty where the whole table is compared in every run. */
export async function takeWatermark(
  shape: TableShape,
  settings: ChangeSettings,
  signal: AbortSignal,
): Promise<string> {
  const { modified } = shape
  if (modified === null) return ''
  return writeWatermark(modified, (await readHorizon(shape, modified, settings, signal)).ceiling)
}

/**
 * A page of the changes since the watermark, oldest first (connectors.md B.4). Each page asks for "from this time on", so a
 * record that changes while the pass goes on moves to a later page or the next pass, and disturbs no other. The records of
 * the last time on a full page are left to the next page, which begins with all of them.
 */
export async function readChanges(
  shape: TableShape,
  settings: ChangeSettings,
  request: ReadChangesRequest,
): Promise<ChangePage> {
  const { modified } = shape
  if (modified === null) return { ...(await readAll(shape, request)), watermark: '' }
  const context = { shape, modified, request }
  const position =
    request.cursor === null ? await beginPass(context, settings) : Position.parse(JSON.parse(request.cursor))
  return position.part === 'time' ? readByTime(context, position) : readSame(context, position)
}

async function beginPass(context: Context, settings: ChangeSettings): Promise<Position> {
  const { shape, modified, request } = context
  const { name, nullable } = modified.field.schema
  const from = readWatermark(request.watermark, name)
  return {
    v: 1,
    field: name,
    from,
    ...(await readHorizon(shape, modified, settings, request.signal)),
    part: nullable ? 'empty' : 'time',
    at: nullable ? '' : from,
    walk: null,
  }
}

/** The time of the service, and the latest time in the table, by one request. */
async function readHorizon(
  shape: TableShape,
  modified: ModifiedField,
  { overlapMs, now }: ChangeSettings,
  signal: AbortSignal,
): Promise<Pick<Position, 'ceiling' | 'top'>> {
  const { name } = modified.field.schema
  const query = { select: [name], orderBy: [`${name} desc`], top: 1 }
  const { rows, servedAt } = await shape.client.page(withQuery(shape.path, query), { signal })
  const safeMs = (servedAt ?? now()).getTime() - overlapMs
  const ceiling =
    modified.by === 'time'
      ? instantText(new Date(safeMs))
      : new Date(safeMs - farthestZoneMs).toISOString().slice(0, 10)
  return { ceiling, top: rows[0] ? timeOf(shape, modified, rows[0]) : null }
}

/** A service writes days in its own time zone, which may be so far behind. */
const farthestZoneMs = 12 * 3_600_000

/** Raw text of the time of a row; empty where it has none. */
function timeOf(shape: TableShape, { field }: ModifiedField, row: ODataRow): string {
  const { name } = field.schema
  return rawOf(valuesOf(shape, row, [name])[name] ?? null)
}

async function readByTime(context: Context, position: Position): Promise<ChangePage> {
  const { shape, request } = context
  const asked = select(shape, request, notBefore(context, position.at))
  const { rows, isLast } = isBeyond(position) ? { rows: [], isLast: true } : await readFrom(context, asked)
  const times = rows.map((row) => timeOf(shape, context.modified, row))
  const last = times.at(-1)
  if (isLast || last === undefined)
    return page(context, asked, rows, { next: null, watermark: position.ceiling })
  const whole = rows.filter((_, index) => times[index] !== last)
  if (whole.length === 0) return readSame(context, { ...position, part: 'same', at: last, walk: null })
  const next = { ...position, at: last }
  if (isBeyond(next)) return page(context, asked, whole, { next: null, watermark: position.ceiling })
  const watermark = earlier(position.ceiling, present(times[whole.length - 1], 'time'))
  return page(context, asked, whole, { next, watermark })
}

/** Nothing of this pass is there any more: what has a later time was written after the pass began. */
function isBeyond({ at, top }: Position): boolean {
  return top === null || at > top
}

/** Records from a time on, by time. A page that is full, or has a link, is not the last one. */
async function readFrom(
  { shape, modified, request }: Context,
  asked: Selection,
): Promise<{ readonly rows: readonly ODataRow[]; readonly isLast: boolean }> {
  if (asked.server.kind === 'nothing') return { rows: [], isLast: true }
  const keys = shape.key.map(({ schema }) => schema.name)
  const query = {
    select: asked.select,
    filter: filterText(asked.server),
    orderBy: [modified.field.schema.name, ...keys],
    top: request.limit,
  }
  const { rows, next } = await shape.client.page(withQuery(shape.path, query), { signal: request.signal })
  return { rows, isLast: next === null && rows.length < request.limit }
}

/** Records of one time, or of none, by key. */
async function readSame(context: Context, position: Position): Promise<ChangePage> {
  const { shape, modified, request } = context
  const asked = select(shape, request, exactly(context, position))
  const { rows, next } = await walk(shape, asked, position.walk, request)
  const isEmptyPart = position.part === 'empty'
  const watermark = isEmptyPart ? position.from : earlier(position.ceiling, position.at)
  if (next !== null) return page(context, asked, rows, { next: { ...position, walk: next }, watermark })
  const at = isEmptyPart ? position.from : afterUnit(position.at, modified.by)
  const after: Position | null = at === null ? null : { ...position, part: 'time', at, walk: null }
  const isOver = after === null || position.top === '' || isBeyond(after)
  if (isOver) return page(context, asked, rows, { next: null, watermark: position.ceiling })
  if (isEmptyPart && rows.length === 0) return readByTime(context, after)
  return page(context, asked, rows, { next: after, watermark })
}

function page(
  { shape, modified, request }: Context,
  asked: Selection,
  rows: readonly ODataRow[],
  end: { readonly next: Position | null; readonly watermark: string },
): ChangePage {
  const records: readonly RecordSnapshot[] = toSnapshots(shape, asked, rows, request.fields)
  return {
    records,
    next: end.next === null ? null : JSON.stringify(end.next),
    watermark: writeWatermark(modified, end.watermark),
  }
}

function notBefore({ modified }: Context, at: string): ServerFilter {
  const { name } = modified.field.schema
  if (at !== '') return test(name, `${name} ge ${literal(modified, at)}`, true)
  const blank = blankOf(modified)
  return blank === null ? everything : test(name, `${name} gt ${blank}`, true)
}

/** A time shows milliseconds and may be kept with more digits. */
function exactly({ modified }: Context, { part, at }: Position): ServerFilter {
  const { name } = modified.field.schema
  if (part === 'empty') return test(name, `${name} eq ${blankOf(modified)}`, true)
  if (modified.by === 'day') return test(name, `${name} eq ${literal(modified, at)}`, true)
  const end = afterUnit(at, 'time')
  const bounds = [
    `${name} ge ${literal(modified, at)}`,
    ...(end === null ? [] : [`${name} lt ${literal(modified, end)}`]),
  ]
  return allOf(
    bounds.map((bound) => test(name, bound, true)),
    businessCentralDialect,
  )
}

function literal({ field, by }: ModifiedField, raw: string): string {
  return odataLiteral(by === 'time' ? `instant:${raw}` : `date:${raw}`, field.type)
}

function blankOf({ field }: ModifiedField): string | null {
  return field.schema.nullable ? (blanks[field.schema.type.kind] ?? null) : null
}

function writeWatermark({ field }: ModifiedField, time: string): string {
  return JSON.stringify({ field: field.schema.name, time } satisfies z.infer<typeof Watermark>)
}

/** The time of a watermark; empty, and so everything, for none or one of another field. */
function readWatermark(watermark: string | null, field: string): string {
  if (watermark === null || watermark === '') return ''
  const parsed = Watermark.parse(JSON.parse(watermark))
  return parsed.field === field ? parsed.time : ''
}
