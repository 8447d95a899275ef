import type { RecordSnapshot } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { LinkTrail, type ODataRow } from '../odata/page.ts'
import type { Preferences } from '../odata/prefer.ts'
import { withQuery } from '../odata/query.ts'
import { idOfKey, recordReader, selectionOf } from './rows.ts'
import { contextOf, type TableAccess } from './table-access.ts'

/** An id takes 45 bytes of an address, which may have 32 KB (connectors.md A.1). */
const idsPerRequest = 500

/** The records that exist, in one request for each 500 keys; throws FIELD_NOT_FOUND. */
export async function readByKeys(
  access: TableAccess,
  keys: readonly RecordKey[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const { shape } = access
  const selection = selectionOf(shape, fields)
  const read = recordReader(shape, fields)
  const ids = [...new Set(keys)].map(idOfKey).filter((id) => id !== null)
  const found = new Map<RecordKey, RecordSnapshot>()
  await readRows(access, {
    filters: chunks(ids, idsPerRequest).map((part) => idFilter(shape.key.property, part)),
    ...selection,
    signal,
    onRow: (row) => {
      const record = read(row)
      found.set(record.key, record)
    },
  })
  return found
}

function idFilter(property: string, ids: readonly string[]): string {
  if (ids.length === 1) return `${property} eq ${ids[0]}`
  return `Microsoft.Dynamics.CRM.In(PropertyName='${property}',PropertyValues=${JSON.stringify(ids)})`
}

/** Reads what passes each of some filters, whole, in requests side by side. */
export async function readRows(
  access: TableAccess,
  request: {
    readonly filters: readonly (string | null)[]
    readonly select: readonly string[]
    readonly prefer: Preferences
    readonly signal: AbortSignal
    readonly onRow: (row: ODataRow) => void
  },
): Promise<void> {
  const { client, shape } = access
  const context = { ...contextOf(access, request.signal), prefer: { ...request.prefer, maxPageSize: 5_000 } }
  const readOne = async (filter: string | null): Promise<void> => {
    const trail = new LinkTrail(client.facts)
    let next: string | null = withQuery(shape.entitySet, { select: request.select, filter })
    while (next !== null) {
      const page = await client.page(next, context)
      trail.follow(page)
      page.rows.forEach(request.onRow)
      next = page.next
    }
  }
  await Promise.all(request.filters.map(readOne))
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
