import type { ODataClient, RequestContext } from '../odata/client.ts'
import type { TableShape } from './shape.ts'

/** What the requests to one table are made with. */
export interface TableAccess {
  readonly client: ODataClient
  readonly shape: TableShape
}

/** Requests of a table have their fair share beside those of other tables. */
export function contextOf({ shape }: TableAccess, signal: AbortSignal): RequestContext {
  return { signal, lane: 'scheduled', mapping: shape.schema.table }
}
