import type { SimRequest } from '../../kit/http.ts'
import type { JsonObject } from '../../kit/json.ts'
import type { Company } from '../store/company.ts'
import type { DuplicateStatus } from '../store/write-record.ts'
import type { Route } from './route.ts'

/** One request to the records: from the network, or a part of a batch. */
export interface Operation extends Pick<SimRequest, 'method' | 'path' | 'query' | 'headers' | 'origin'> {
  /** The body with exact numbers. Throws 400 for anything but an object. */
  body(): JsonObject
}

/** What operations work on. */
export interface Books {
  /** The first one is meant where a request names none. */
  readonly companies: readonly [Company, ...Company[]]
  nowMs(): number
  readonly duplicateStatus: DuplicateStatus
}

/** An operation whose company and service are known. */
export interface Located {
  readonly operation: Operation
  readonly route: Route
  readonly company: Company
  readonly books: Books
}
