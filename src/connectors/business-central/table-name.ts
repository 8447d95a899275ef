import { SyncError } from '../../core/errors.ts'

/** The API a table is reached by; its path below the address of the service ends with a slash (connectors.md B.1). */
export interface ApiAddress {
  readonly kind: 'standard' | 'custom' | 'pages'
  readonly path: string
}

/** A table as mappings name it, taken apart. */
export interface TableName {
  readonly api: ApiAddress
  readonly entitySet: string
}

export const standardApi: ApiAddress = { kind: 'standard', path: 'api/v2.0/' }
const pagesApi: ApiAddress = { kind: 'pages', path: 'ODataV4/' }

const part = '[A-Za-z0-9][A-Za-z0-9_.-]*'
const custom = new RegExp(`^(${part})/(${part})/(${part})$`)

/** `v2.0`, `publisher/group/version`, or `odata`; null for anything else. */
export function findApi(text: string): ApiAddress | null {
  if (text === 'v2.0') return standardApi
  if (text === 'odata') return pagesApi
  return custom.test(text) ? { kind: 'custom', path: `api/${text}/` } : null
}

/** What stands before the entity set in the name of a table of this API. */
export function tablePrefix({ kind, path }: ApiAddress): string {
  if (kind === 'standard') return ''
  return kind === 'pages' ? 'odata:' : path.slice('api/'.length)
}

/** `customers`, `publisher/group/version/entitySet` or `odata:Service`. Throws TABLE_NOT_FOUND for anything else. */
export function parseTableName(table: string, connection: string): TableName {
  const cut = table.startsWith('odata:') ? 'odata:'.length : table.lastIndexOf('/') + 1
  const entitySet = table.slice(cut)
  const before = table.slice(0, cut).replace(/[:/]$/, '')
  const api = findApi(before === '' ? 'v2.0' : before)
  if (api !== null && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(entitySet)) return { api, entitySet }
  const message =
    `Connection ${connection}: ${table} is no name of a table; write customers for the standard API, ` +
    'publisher/group/version/entitySet for a custom one, or odata:Service for a page web service'
  throw new SyncError('TABLE_NOT_FOUND', message, { data: { connection, table } })
}
