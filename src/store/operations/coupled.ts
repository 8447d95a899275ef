import { and, asc, eq, like, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import type { CoupledRecords, OperationsStore } from '../../core/ports/operations-store.ts'
import { valueTags } from '../../core/values/value.ts'
import type { Executor } from '../database.ts'
import { coupling } from '../schema/coupling.ts'

/** Where a page has ended: references need not be unlike. */
const Place = z.tuple([z.string(), z.int()])

/** Without the bases of both records, which are most of a coupling. */
const shown = {
  createdAt: coupling.createdAt,
  generation: coupling.generation,
  id: coupling.id,
  lastFromAt: coupling.lastFromAt,
  lastFromResult: coupling.lastFromResult,
  lastToAt: coupling.lastToAt,
  lastToResult: coupling.lastToResult,
  localKey: coupling.localKey,
  localModifiedAt: coupling.localModifiedAt,
  localReference: coupling.localReference,
  mappingVersion: coupling.mappingVersion,
  remoteKey: coupling.remoteKey,
  remoteModifiedAt: coupling.remoteModifiedAt,
  remoteReference: coupling.remoteReference,
}

/** In the order of the index on (mapping, local reference), so that a page costs the same wherever it begins. */
export async function listCoupled(
  db: Executor,
  { mappingId, limit, after, startsWith }: Parameters<OperationsStore['listCoupled']>[0],
): ReturnType<OperationsStore['listCoupled']> {
  const rows = await db
    .select(shown)
    .from(coupling)
    .where(
      and(
        eq(coupling.mappingId, mappingId),
        after === null ? undefined : isBehind(readPlace(after)),
        startsWith === null ? undefined : beginsWith(startsWith),
      ),
    )
    .orderBy(asc(coupling.localReference), asc(coupling.id))
    .limit(limit)
  const last = rows.length < limit ? undefined : rows.at(-1)
  return {
    couplings: rows.map(toCoupled),
    next: last === undefined ? null : writePlace([last.localReference, last.id]),
  }
}

function isBehind([reference, id]: z.infer<typeof Place>): SQL {
  return sql`(${coupling.localReference}, ${coupling.id}) > (${reference}, ${id})`
}

/** References are stored with their type before them; people do not write it. One range of the index per type. */
export function beginsWith(text: string): SQL | undefined {
  const escaped = text.replace(/[\\%_]/g, (character) => `\\${character}`)
  return or(...valueTags.map((tag) => like(coupling.localReference, `${tag}:${escaped}%`)))
}

function writePlace(place: z.infer<typeof Place>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function readPlace(after: string): z.infer<typeof Place> {
  try {
    return Place.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')))
  } catch {
    throw new SyncError('REQUEST_INVALID', 'after: is not the `next` of a page of couplings')
  }
}

function toCoupled(row: Pick<typeof coupling.$inferSelect, keyof typeof shown>): CoupledRecords {
  return {
    id: row.id,
    local: { key: row.localKey, reference: row.localReference, modifiedAt: row.localModifiedAt },
    remote: { key: row.remoteKey, reference: row.remoteReference, modifiedAt: row.remoteModifiedAt },
    mappingVersion: row.mappingVersion,
    generation: row.generation,
    createdAt: row.createdAt,
    lastTo: { result: row.lastToResult, at: row.lastToAt },
    lastFrom: { result: row.lastFromResult, at: row.lastFromAt },
  }
}
