import { filterFields } from '../../core/mapping/filter-bind.ts'
import type { ChangePage, ReadChangesRequest } from '../../core/ports/connector.ts'
import { rawOf } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { dataverseDialect } from '../odata/dialects.ts'
import { toServerFilter } from '../odata/filter.ts'
import type { ODataRow } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import {
  type ChangePosition,
  readChangePosition,
  readWatermark,
  type Watermark,
  writeChangePosition,
  writeWatermark,
} from './cursors.ts'
import { passesFilter, recordReader, selectionOf, valueOfColumn } from './rows.ts'
import { getColumns, type TableShape } from './shape.ts'
import { contextOf, type TableAccess } from './table-access.ts'

const versionField = 'versionnumber'
const largestPage = 5_000

/**
 * The race (connectors.md A.4): a transaction writes a row, which takes version 100; somebody else's row takes 101 and is
 * read; whoever remembers 101 never sees the first row, which becomes visible afterwards. The rule: remember only a version
 * whose row is older than any transaction can last (`overlapMs`): whatever is not visible yet was written later than that
 * row, and has a greater version. So the changes of the last minutes come again; their versions are known then.
 */
export async function readChanges(
  access: TableAccess,
  request: ReadChangesRequest,
  overlapMs: number,
): Promise<ChangePage> {
  const { client, shape } = access
  const { filter } = request
  const limit = Math.min(request.limit, largestPage)
  const looked = [versionField, ...(filter ? filterFields(filter) : [])]
  const { select, prefer } = selectionOf(shape, request.fields, looked)
  const question = filter && toServerFilter(filter, shape.filterProperties, dataverseDialect)
  const name = `${shape.entitySet} ${select.join()} ${JSON.stringify(filter)}`
  const position = readChangePosition(request.cursor, name)
  const watermark = position?.watermark ?? readWatermark(request.watermark)
  if (question?.kind === 'nothing') return { records: [], next: null, watermark: writeWatermark(watermark) }
  const path = withQuery(shape.entitySet, {
    select,
    filter: [
      ...conditionsOf(position, watermark),
      ...(question?.kind === 'expression' ? [`(${question.text})`] : []),
    ].join(' and '),
    orderBy: [versionField],
    top: limit,
  })
  const page = await client.page(path, { ...contextOf(access, request.signal), prefer })
  const begunAt = position?.begunAt ?? page.servedAt?.toISOString() ?? null
  const reached = moveOn(shape, watermark, page.rows, begunAt, overlapMs)
  const last = page.rows.at(-1)
  const isEnd = last === undefined || (page.rows.length < limit && page.next === null)
  const top = isEnd ? null : (position?.top ?? (await readTopVersion(access, request.signal)))
  const passes = passesFilter(shape, question?.isExact === false ? filter : null)
  return {
    records: page.rows.filter(passes).map(recordReader(shape, request.fields)),
    next:
      isEnd || top === null
        ? null
        : writeChangePosition({ watermark: reached, last: versionOf(shape, last), top, begunAt }, name),
    watermark: writeWatermark(reached),
  }
}

/** A row changed after the pass has begun is left to the next one, so that this one ends. */
function conditionsOf(position: ChangePosition | null, { after, since }: Watermark): readonly string[] {
  if (position) return [`${versionField} gt ${position.last}`, `${versionField} le ${position.top}`]
  if (after !== null) return [`${versionField} gt ${after}`]
  return since === null ? [] : [`modifiedon ge ${wholeSeconds(since)}`]
}

/** The greatest version that can be seen; null where there is none. Asked for by a pass that does not end with a page. */
async function readTopVersion(access: TableAccess, signal: AbortSignal): Promise<string | null> {
  const { client, shape } = access
  const path = withQuery(shape.entitySet, {
    select: [versionField],
    orderBy: [`${versionField} desc`],
    top: 1,
  })
  const [row] = (await client.page(path, contextOf(access, signal))).rows
  return row ? versionOf(shape, row) : null
}

/** The last version whose row is old enough; rows come in the order of their versions. */
function moveOn(
  shape: TableShape,
  watermark: Watermark,
  rows: readonly ODataRow[],
  begunAt: string | null,
  overlapMs: number,
): Watermark {
  const modified = present(shape.modified, 'modified column')
  const times = rows.map((row) => Date.parse(rawOf(valueOfColumn(shape, modified, row))))
  const begunMs = begunAt === null ? Math.max(...times) : Date.parse(begunAt)
  const at = times.findLastIndex((time) => time <= begunMs - overlapMs)
  const row = rows[at]
  return row ? { v: 1, after: versionOf(shape, row), since: null } : watermark
}

function versionOf(shape: TableShape, row: ODataRow): string {
  const [column] = getColumns(shape, [versionField])
  return rawOf(valueOfColumn(shape, present(column, 'version column'), row))
}

function wholeSeconds(iso: string): string {
  return `${iso.slice(0, 19)}Z`
}

/** By the service's clock alone; what is not visible yet carries a later time than this, less the overlap. */
export async function takeWatermark(
  access: TableAccess,
  signal: AbortSignal,
  overlapMs: number,
): Promise<string> {
  const { client, shape } = access
  const path = withQuery(shape.entitySet, { select: [shape.key.property], top: 1 })
  const { servedAt } = await client.page(path, contextOf(access, signal))
  const since = servedAt === null ? null : new Date(servedAt.getTime() - overlapMs).toISOString()
  return writeWatermark({ v: 1, after: null, since })
}
