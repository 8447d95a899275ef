import type { ConnectedTable, TableAddress } from '../../core/ports/connector.ts'
import type { ODataClient } from '../odata/client.ts'
import { findByMatch } from './find-by-match.ts'
import { describeTable } from './metadata.ts'
import { readAccess } from './read-access.ts'
import { readByKeys } from './read-by-keys.ts'
import { readChanges, takeWatermark } from './read-changes.ts'
import { KeyPages } from './read-pages.ts'
import { buildShape } from './shape.ts'
import { tombstonesOf } from './tombstones.ts'
import { writeRecords } from './write.ts'
import type { WriteSettings } from './write-access.ts'

export interface TableSettings {
  readonly client: ODataClient
  /** Longest time a transaction can keep its rows from being seen; changes of so long are read again. */
  readonly overlapMs: number
  readonly maxServerRunMs: number
  readonly write: WriteSettings
}

/** Opens one table: its description is read now and stays as it is for the life of the object. */
export async function openTable(
  settings: TableSettings,
  address: TableAddress,
  signal: AbortSignal,
): Promise<ConnectedTable> {
  const { client, overlapMs } = settings
  const context = { signal, lane: 'scheduled', mapping: address.table } as const
  const description = await describeTable(client, address.table, context)
  const shape = buildShape(description, address, {
    facts: client.facts,
    maxServerRunMs: settings.maxServerRunMs,
  })
  const access = { client, shape }
  const pages = new KeyPages(access)
  const { isVersioned } = shape
  return {
    schema: shape.schema,
    tombstones: tombstonesOf(access),
    takeWatermark: async (abort) => (isVersioned ? takeWatermark(access, abort, overlapMs) : ''),
    readChanges: async (request) =>
      isVersioned
        ? readChanges(access, request, overlapMs)
        : { ...(await pages.readAll(request)), watermark: '' },
    readAll: (request) => pages.readAll(request),
    readByKeys: (keys, fields, abort) => readByKeys(access, keys, fields, abort),
    findByMatch: (request) => findByMatch(access, request),
    readAccess: (abort) => readAccess(access, abort),
    listKeys: (request) => pages.listKeys(request),
    write: (request) => writeRecords({ ...access, settings: settings.write }, request),
  }
}
