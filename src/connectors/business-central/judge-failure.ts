import { type ErrorCode, type Problem, problem } from '../../core/errors.ts'
import type { WriteOperation } from '../../core/ports/connector.ts'
import { rawOf, type Values } from '../../core/values/value.ts'
import type { ODataFailure } from '../odata/failure.ts'
import { isRecordMissing } from './parts.ts'
import type { TableShape } from './shape.ts'

/**
 * What a refused write means (connectors.md B.5, B.7), by status and code: `record` – something about this record; `whole`
 * – something about the connection, the rights or the service, so that no other record can do better.
 */
export type Verdict = 'changed' | 'missing' | 'duplicate' | 'throttled' | 'record' | 'whole'

const wholeStatuses: ReadonlySet<number> = new Set([401, 403, 405, 408, 413, 502, 503, 504])
const wholeCodes: ReadonlySet<string> = new Set([
  'BadRequest_InvalidToken',
  'BadRequest_InvalidRequestUrl',
  'BadRequest_NotFound',
  'BadRequest_ResourceNotFound',
  'Internal_CompanyNotFound',
])

export function judgeFailure(failure: ODataFailure, kind: WriteOperation['kind']): Verdict {
  const { status, code } = failure
  if (code === 'Internal_EntityWithSameKeyExists') return 'duplicate'
  if (status === 429) return 'throttled'
  if (wholeStatuses.has(status) || wholeCodes.has(code)) return 'whole'
  if (kind === 'insert') return status === 404 && !isRecordMissing(failure) ? 'whole' : 'record'
  if (code === 'Request_EntityChanged' || status === 409 || status === 412) return 'changed'
  if (isRecordMissing(failure)) return 'missing'
  return status === 404 ? 'whole' : 'record'
}

const codes: Readonly<Record<string, ErrorCode>> = {
  Application_StringExceededLength: 'VALUE_TRUNCATED',
  Internal_InvalidTableRelation: 'VALUE_REFUSED',
  Application_FieldValidationException: 'VALUE_REFUSED',
  BadRequest_RequiredParamNotProvided: 'VALUE_MISSING',
}
const byKind = { insert: 'INSERT_FAILED', update: 'MODIFY_FAILED', delete: 'DELETE_FAILED' } as const

/** The refusal of one record: the service's own words, and the field they name in quotes, if any. */
export function recordProblem(
  { schema }: Pick<TableShape, 'schema'>,
  failure: ODataFailure,
  kind: WriteOperation['kind'],
  values: Values,
): Problem {
  const isServerFault = failure.status >= 500
  const code = isServerFault ? 'SERVICE_FAILED' : (codes[failure.code] ?? byKind[kind])
  const said = [`status ${failure.status}`, failure.code, failure.message]
    .filter((part) => part !== '')
    .join(', ')
  const field = Object.keys(values).find(
    (name) => failure.message.includes(`"${name}"`) || failure.message.includes(`'${name}'`),
  )
  const value = field === undefined ? null : (values[field] ?? null)
  return problem(code, `${schema.table}: ${said}`, {
    field: field ?? null,
    value: value === null ? null : rawOf(value).slice(0, 200),
    ...(failure.retryAfterMs === null ? {} : { retryAfterMs: failure.retryAfterMs }),
  })
}
