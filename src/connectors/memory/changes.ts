import { z } from 'zod'
import type { RecordKey } from '../../core/values/key.ts'

/** Where a pass over the changes of a memory table stands. */
const Position = z.strictObject({
  from: z.string(),
  ceiling: z.string(),
  top: z.string(),
  after: z.tuple([z.string(), z.string()]).nullable(),
})
type Position = z.infer<typeof Position>

/** One record in the order of changes; a record without a time has the empty text, which comes first. */
export interface Change {
  readonly time: string
  readonly key: RecordKey
}

export interface ChangeRequest {
  readonly watermark: string | null
  readonly cursor: string | null
  readonly limit: number
  /** Nothing that becomes visible later has an earlier time. */
  readonly ceiling: string
}

/**
 * One page of changes, by the rules of the Postgres connector: records without time in every pass, the horizon
 * taken when the pass begins, the end behind the latest time the table then had.
 */
export function pageOfChanges<C extends Change>(
  changes: readonly C[],
  passes: (change: C) => boolean,
  request: ChangeRequest,
): { readonly page: readonly C[]; readonly next: string | null; readonly watermark: string } {
  const ordered = [...changes].sort(byTimeAndKey)
  const position =
    request.cursor === null ? begin(ordered, request) : Position.parse(JSON.parse(request.cursor))
  const page: C[] = []
  for (const change of ordered) {
    if (page.length === request.limit) break
    if (isAhead(change, position) && passes(change)) page.push(change)
  }
  const last = page.at(-1)
  if (!last || page.length < request.limit || last.time > position.top) {
    return { page, next: null, watermark: position.ceiling }
  }
  const next: Position = { ...position, after: [last.time, last.key] }
  const seen = last.time === '' ? position.from : last.time
  return { page, next: JSON.stringify(next), watermark: earlier(seen, position.ceiling) }
}

function earlier(a: string, b: string): string {
  return [a, b].sort()[0] ?? a
}

function begin(ordered: readonly Change[], { watermark, ceiling }: ChangeRequest): Position {
  return { from: watermark ?? '', ceiling, top: ordered.at(-1)?.time ?? '', after: null }
}

function isAhead({ time, key }: Change, { from, after }: Position): boolean {
  if (time !== '' && time < from) return false
  return after === null || (time === after[0] ? key > after[1] : time > after[0])
}

function byTimeAndKey(a: Change, b: Change): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  return a.key < b.key ? -1 : 1
}
