import type { ConnectedTable, TableAddress } from '../../core/ports/connector.ts'
import { readAccess } from './access.ts'
import { type CatalogTable, readCatalog } from './catalog.ts'
import { findByMatch } from './find-by-match.ts'
import { quoteTable } from './identifiers.ts'
import { readChanges, takeWatermark } from './read-changes.ts'
import { readByKeyOrder, readKeyPage, readRecordsByKeys } from './read-pages.ts'
import type { Query } from './rows.ts'
import type { Session } from './session.ts'
import { buildShape, type ShapeSettings } from './shape.ts'
import type { Overlap } from './watermark.ts'
import { type WriteSettings, writeRecords } from './write.ts'

export interface TableSettings
  extends Omit<ShapeSettings, 'hasReceipts'>,
    Omit<WriteSettings, 'acceptDuplicateRisk'> {
  readonly session: Session
  readonly searchSchema: string
  readonly overlap: Overlap
}

/** Opens one table: its schema is read now and stays as it is for the life of the object. */
export async function openTable(
  settings: TableSettings,
  address: TableAddress,
  signal: AbortSignal,
): Promise<ConnectedTable> {
  const { session, overlap } = settings
  const catalog = await readCatalog(session, address.table, settings.searchSchema, signal)
  const makesKeys = catalog.columns.some((column) => column.makes !== null)
  const hasReceipts = makesKeys && ((await settings.receipts?.isPossible(signal)) ?? false)
  const receipts = hasReceipts ? settings.receipts : null
  const estimatedRows = await estimateRows(session, catalog, signal)
  const shape = buildShape(catalog, address, estimatedRows, { ...settings, hasReceipts })
  const acceptDuplicateRisk = address.acceptDuplicateRisk ?? false
  const within =
    (abort: AbortSignal): Query =>
    (sql, parameters) =>
      session.rows(sql, parameters, abort)
  return {
    schema: shape.schema,
    tombstones: null,
    takeWatermark: (abort) => takeWatermark(shape, within(abort), overlap),
    readAccess: (abort) => readAccess(catalog.name, within(abort)),
    readChanges: (request) => readChanges(shape, within(request.signal), request, overlap),
    readAll: (request) => readByKeyOrder(shape, within(request.signal), request),
    readByKeys: (keys, fields, abort) => readRecordsByKeys(shape, within(abort), keys, fields),
    findByMatch: (request) => findByMatch(shape, within(request.signal), request),
    listKeys: (request) => readKeyPage(shape, within(request.signal), request),
    ...(receipts === null ? {} : { findCreated: (tokens, abort) => receipts.find(tokens, abort) }),
    write: (request) => writeRecords(shape, { ...settings, acceptDuplicateRisk }, request),
  }
}

const countedRows = 100_000

/** The planner's estimate; a small table that was never analysed is counted. Null for views, foreign tables and large unknown tables. */
async function estimateRows(
  session: Session,
  catalog: CatalogTable,
  signal: AbortSignal,
): Promise<number | null> {
  if (catalog.estimatedRows > 0) return catalog.estimatedRows
  if (catalog.isView) return null
  const sql = `SELECT count(*) FROM (SELECT FROM ${quoteTable(catalog.name)} LIMIT ${countedRows + 1}) AS counted`
  const rows = await session.rows(sql, [], signal)
  const count = Number(rows[0]?.[0])
  return count > countedRows ? null : count
}
