import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { answerInvalid } from '../http/failures.ts'
import type { HttpFacts } from '../http/http.ts'
import { isJsonObject, type Json, type JsonObject, numberText } from './json.ts'

/** One record as it came: properties, `@odata.etag` and other annotations under their own names. */
export type ODataRow = JsonObject

/** A record of a change feed that is gone. */
export interface RemovedRow {
  /** As the service gives it: a key, or an address that ends with one. */
  readonly id: string
  /** `deleted`, or `changed`: it only no longer belongs to what is tracked. */
  readonly reason: string
}

export interface ODataPage {
  readonly rows: readonly ODataRow[]
  readonly removed: readonly RemovedRow[]
  /** Link of the next page, checked: absolute, on our origin, below our root. Null at the end. */
  readonly next: string | null
  /** Link for the changes from here on, likewise; only on the last page of a tracked read. */
  readonly delta: string | null
  /** `@odata.count` as digits, where it was asked for. */
  readonly count: string | null
}

/** Reads a page; `resolve` checks and completes links. Throws ANSWER_INVALID where it is no collection. */
export function readPage(
  body: Json,
  resolve: (link: string, context: string | null) => string,
  facts: HttpFacts,
): ODataPage {
  const value = isJsonObject(body) ? body['value'] : undefined
  if (!isJsonObject(body) || !Array.isArray(value)) throw answerInvalid(facts, 'holds no list of records')
  const rows: ODataRow[] = []
  const removed: RemovedRow[] = []
  for (const row of value as readonly Json[]) {
    if (!isJsonObject(row)) throw answerInvalid(facts, 'holds something that is no record in its list')
    const gone = removedRow(row)
    if (gone) removed.push(gone)
    else rows.push(row)
  }
  const context = annotation(body, 'context')
  const link = (name: string) => {
    const found = annotation(body, name)
    return found === null ? null : resolve(found, context)
  }
  return {
    rows,
    removed,
    next: link('nextLink'),
    delta: link('deltaLink'),
    count: numberText(body['@odata.count'] ?? body['@count']),
  }
}

/** The version of a record for `If-Match`, null where the service gives none. */
export function etagOf(row: ODataRow): string | null {
  return annotation(row, 'etag')
}

/** `@odata.name`, or `@name` as OData 4.01 allows; null unless it is text. */
function annotation(object: JsonObject, name: string): string | null {
  const value = object[`@odata.${name}`] ?? object[`@${name}`]
  return typeof value === 'string' ? value : null
}

/** A tombstone of OData 4.0 (context `…/$deletedEntity`, connectors.md A.4) or 4.01 (`@removed`). */
function removedRow(row: ODataRow): RemovedRow | null {
  const marker = row['@removed'] ?? row['@odata.removed']
  if (marker === undefined && !annotation(row, 'context')?.endsWith('/$deletedEntity')) return null
  const id = row['id'] ?? row['@odata.id'] ?? row['@id']
  const reason = row['reason'] ?? (isJsonObject(marker) ? marker['reason'] : null)
  return { id: typeof id === 'string' ? id : '', reason: typeof reason === 'string' ? reason : 'deleted' }
}

/** Many more empty pages in a row than a service needs to skip what a user may not see. */
const mostEmptyPages = 1_000

/** What a trail remembers, so that a pass can be continued later. */
export const LinkTrailState = z.strictObject({
  mark: z.string().nullable(),
  steps: z.number().int(),
  stepsUntilMark: z.number().int(),
  emptyPages: z.number().int(),
})
export type LinkTrailState = z.infer<typeof LinkTrailState>

const beginOfTrail: LinkTrailState = { mark: null, steps: 0, stepsUntilMark: 1, emptyPages: 0 }

/**
 * Watches that a pass over pages comes to an end: finds a link that comes back, whatever the length of the circle, while
 * it remembers a single one (Brent's way), and a service that sends nothing but links.
 */
export class LinkTrail {
  private readonly facts: HttpFacts
  private reached: LinkTrailState

  /** `state`: where an earlier trail of the same pass has stopped. */
  constructor(facts: HttpFacts, state: LinkTrailState = beginOfTrail) {
    this.facts = facts
    this.reached = state
  }

  get state(): LinkTrailState {
    return this.reached
  }

  /** Throws PAGING_ENDLESS. To be told of every page, in order. */
  follow(page: Pick<ODataPage, 'rows' | 'removed' | 'next'>): void {
    if (page.next === null) return
    const { mark, stepsUntilMark } = this.reached
    const emptyPages = page.rows.length + page.removed.length === 0 ? this.reached.emptyPages + 1 : 0
    if (page.next === mark) throw this.endless('leads to the same page twice')
    if (emptyPages > mostEmptyPages) throw this.endless(`has sent ${mostEmptyPages} empty pages in a row`)
    const steps = this.reached.steps + 1
    this.reached =
      steps < stepsUntilMark
        ? { mark, steps, stepsUntilMark, emptyPages }
        : { mark: page.next, steps: 0, stepsUntilMark: stepsUntilMark * 2, emptyPages }
  }

  private endless(reason: string): SyncError {
    const { connection, origin } = this.facts
    return new SyncError('PAGING_ENDLESS', `Connection ${connection}: ${origin} ${reason}`, {
      data: { connection, origin },
    })
  }
}
