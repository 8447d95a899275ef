import type { ChangePage, ReadChangesRequest, RecordSnapshot } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import type { Column } from './columns.ts'
import {
  type ChangePosition,
  readChangePosition,
  readWatermark,
  writeChangePosition,
  writeWatermark,
} from './cursors.ts'
import { filterSql } from './filter-sql.ts'
import { Parameters } from './parameters.ts'
import { isAfter, orderByKey, readByKeyOrder, where } from './read-pages.ts'
import type { Query, Row } from './rows.ts'
import type { TableShape } from './shape.ts'
import { type SnapshotReader, snapshotReader } from './snapshots.ts'
import { canonicalTime, compareTimes, earlierTime, type Overlap, readHorizon } from './watermark.ts'

type ChangesRequest = Omit<ReadChangesRequest, 'signal'>

/** The watermark of this moment; empty where the whole table is compared in every run. */
export async function takeWatermark(shape: TableShape, query: Query, overlap: Overlap): Promise<string> {
  if (!shape.modified) return ''
  const horizon = await readHorizon(shape, shape.modified, query, overlap)
  return writeWatermark(shape.modified.name, horizon.ceiling)
}

/**
 * A pass over (modified, key), with the records that have no time before all others, in every pass: a change of theirs
 * leaves no trace. A record that changes while the pass goes on moves forward, to a later page or the next pass.
 * The pass ends behind the latest time the table had when it began, so that it ends although people go on working and
 * although some record may carry a time in the future. The horizon is looked up once, before the first page: rows that
 * appear behind a page of this pass have times behind that horizon, not behind a later one.
 */
export async function readChanges(
  shape: TableShape,
  query: Query,
  request: ChangesRequest,
  overlap: Overlap,
): Promise<ChangePage> {
  const { modified } = shape
  if (!modified) return { ...(await readByKeyOrder(shape, query, request)), watermark: '' }
  const position =
    readChangePosition(request.cursor, modified.name, shape.key.length) ??
    (await beginPass(shape, modified, query, request, overlap))
  return position.part === 'without-time'
    ? readWithoutTime(shape, modified, query, request, position)
    : readByTime(shape, modified, query, request, position, [])
}

async function beginPass(
  shape: TableShape,
  modified: Column,
  query: Query,
  request: ChangesRequest,
  overlap: Overlap,
): Promise<ChangePosition> {
  const horizon = await readHorizon(shape, modified, query, overlap)
  return {
    v: 1,
    field: modified.name,
    from: readWatermark(request.watermark, modified.name),
    ...horizon,
    part: modified.field.nullable ? 'without-time' : 'by-time',
    after: null,
  }
}

async function readWithoutTime(
  shape: TableShape,
  modified: Column,
  query: Query,
  request: ChangesRequest,
  position: ChangePosition,
): Promise<ChangePage> {
  const reader = snapshotReader(shape, request.fields)
  const parameters = new Parameters()
  const conditions = [`${modified.sql} IS NULL`]
  if (request.filter) conditions.push(filterSql(request.filter, shape, parameters))
  if (position.after) conditions.push(isAfter(shape.key, position.after.key, parameters))
  const sql = `SELECT ${reader.selectList} FROM ${shape.sql} AS t ${where(conditions)}
    ORDER BY ${orderByKey(shape)} LIMIT ${parameters.add(request.limit, 'int8')}`
  const rows = await query(sql, parameters.values)
  const last = rows.at(-1)
  const records = rows.map(reader.read)
  if (!last || rows.length < request.limit) {
    const next: ChangePosition = { ...position, part: 'by-time', after: null }
    return readByTime(shape, modified, query, request, next, records)
  }
  return {
    records,
    next: writeChangePosition({ ...position, after: { time: null, key: [...reader.keyTexts(last)] } }),
    watermark: writeWatermark(modified.name, position.from),
  }
}

/** Fills the page behind the records it already has. */
async function readByTime(
  shape: TableShape,
  modified: Column,
  query: Query,
  request: ChangesRequest,
  position: ChangePosition,
  before: readonly RecordSnapshot[],
): Promise<ChangePage> {
  const limit = request.limit - before.length
  const reader = snapshotReader(shape, request.fields, 1)
  const rows = await query(...timeStatement(shape, modified, reader, request, position, limit))
  const records = [...before, ...rows.map(reader.read)]
  const last = lastOf(rows, modified, reader)
  const isComplete =
    !last || rows.length < limit || position.top === null || compareTimes(last.time, position.top) > 0
  if (isComplete) return { records, next: null, watermark: writeWatermark(modified.name, position.ceiling) }
  return {
    records,
    next: writeChangePosition({ ...position, after: last }),
    watermark: writeWatermark(modified.name, earlierTime(position.ceiling, last.time)),
  }
}

function lastOf(rows: readonly Row[], modified: Column, reader: SnapshotReader) {
  const row = rows.at(-1)
  if (!row) return null
  return { time: canonicalTime(modified, present(row[0], 'modified')), key: [...reader.keyTexts(row)] }
}

function timeStatement(
  shape: TableShape,
  modified: Column,
  reader: SnapshotReader,
  request: ChangesRequest,
  position: ChangePosition,
  limit: number,
): readonly [string, Parameters['values']] {
  const parameters = new Parameters()
  const conditions = [
    position.after
      ? isAfter([modified, ...shape.key], [position.after.time ?? '', ...position.after.key], parameters)
      : `${modified.sql} >= ${parameters.add(position.from, modified.sqlType)}`,
  ]
  if (request.filter) conditions.push(filterSql(request.filter, shape, parameters))
  const sql = `SELECT ${modified.sql}, ${reader.selectList} FROM ${shape.sql} AS t ${where(conditions)}
    ORDER BY ${modified.sql}, ${orderByKey(shape)} LIMIT ${parameters.add(limit, 'int8')}`
  return [sql, parameters.values]
}
