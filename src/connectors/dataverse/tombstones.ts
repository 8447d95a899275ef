import { SyncError } from '../../core/errors.ts'
import type { Tombstones } from '../../core/ports/connector.ts'
import { LinkTrail, type ODataPage } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import { readMark, writeMark } from './cursors.ts'
import { idOfKey, keyOfId } from './rows.ts'
import { contextOf, type TableAccess } from './table-access.ts'

const largestPage = 5_000

/**
 * Deletions by change tracking, the key column only (connectors.md A.4). A mark is a delta link; there is none without
 * going through the keys of the whole table once. A link that the service does not take any more – expired after days, or
 * of a table that was made anew – is no failure: the keys have to be compared.
 */
export function tombstonesOf(access: TableAccess): Tombstones | null {
  const { client, shape } = access
  if (!shape.hasChangeTracking) return null
  const page = (path: string, limit: number, signal: AbortSignal) =>
    client.page(path, {
      ...contextOf(access, signal),
      prefer: { trackChanges: true, maxPageSize: Math.min(limit, largestPage) },
    })
  return {
    async takeMark(signal) {
      const trail = new LinkTrail(client.facts)
      let path = withQuery(shape.entitySet, { select: [shape.key.property] })
      for (;;) {
        const found = await page(path, largestPage, signal)
        trail.follow(found)
        if (found.next === null) return writeMark(deltaOf(access, found))
        path = found.next
      }
    },
    async read({ mark, cursor, limit, signal }) {
      const link = cursor ?? readMark(mark)
      if (link === null) return null
      const found = await page(link, limit, signal).catch(nullWhereRefused)
      if (found === null) return null
      const keys = found.removed.map(({ id }) => keyOfId(/[0-9a-f-]{36}(?=\)?$)/i.exec(id)?.[0] ?? id))
      const isEnd = found.next === null
      return {
        keys: keys.filter((key) => idOfKey(key) !== null),
        next: found.next,
        mark: isEnd ? writeMark(deltaOf(access, found)) : mark,
      }
    },
  }
}

function deltaOf({ shape }: TableAccess, { delta }: ODataPage): string {
  if (delta !== null) return delta
  const { connection } = shape.facts
  throw new SyncError(
    'ANSWER_INVALID',
    `Connection ${connection}: the changes of ${shape.schema.table} end without a link for later ones`,
    { data: { connection, table: shape.schema.table } },
  )
}

const refusals: ReadonlySet<unknown> = new Set([400, 404, 410])

/** By status: what the codes of an expired link, and of one of another table, have in common is that it is of no use. */
function nullWhereRefused(error: unknown): null {
  if (error instanceof SyncError && refusals.has(error.data['status'])) return null
  throw error
}
