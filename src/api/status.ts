import type { ErrorCode, ErrorKind, SyncError } from '../core/errors.ts'

/** What a client can expect of a kind: trying again may help with 503, never with the others. */
const byKind: Readonly<Record<ErrorKind, number>> = {
  transient: 503,
  'lost-lease': 503,
  waiting: 409,
  conflict: 409,
  permanent: 422,
  config: 400,
}

/** Where the code says more than its kind. */
const byCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  API_KEY_INVALID: 401,
  CROSS_SITE_REFUSED: 403,
  SIGN_IN_NEEDED: 401,
  SIGN_IN_FAILED: 401,
  IDENTITY_REFUSED: 403,
  TOO_MANY_ATTEMPTS: 429,
  PASSWORD_REFUSED: 422,
  ROLE_MISSING: 403,
  SCOPE_MISSING: 403,
  NOTICE_REFUSED: 403,
  ROUTE_UNKNOWN: 404,
  RUN_UNKNOWN: 404,
  MAPPING_UNKNOWN: 404,
  RECORD_NOT_FOUND: 404,
  ISSUE_UNKNOWN: 404,
  OPERATION_UNKNOWN: 404,
  SCHEDULE_UNKNOWN: 404,
  WEBHOOK_UNKNOWN: 404,
  DELIVERY_UNKNOWN: 404,
  WEBHOOK_SECRET_MISSING: 409,
  CALLBACK_NOT_SET_UP: 409,
  CONNECTION_UNKNOWN: 404,
  REQUEST_TOO_LARGE: 413,
  KEY_UNKNOWN: 404,
  KEY_EXISTS: 409,
  MAPPING_EDITED: 412,
  PRECONDITION_MISSING: 428,
  REFERENCE_REFUSED: 403,
  RUN_KEY_REUSED: 409,
  FULL_SYNC_RUNNING: 409,
  MAPPING_DISABLED: 409,
  NOTHING_TO_RETRY: 409,
  QUESTION_NOT_OPEN: 409,
  NOTHING_HELD: 409,
  SCHEDULE_EXISTS: 409,
  NOT_PAUSED: 409,
  RUN_ENDED: 409,
  OPERATION_ENDED: 409,
  NOTHING_SELECTED: 409,
  DEPENDENCY_CYCLE: 409,
  MAPPING_INVALID: 409,
  TABLE_NOT_FOUND: 409,
  FIELD_NOT_FOUND: 409,
  KEY_NOT_FOUND: 409,
  TABLE_NOT_USABLE: 409,
  // Settings of this installation, not of the request: somebody else has to act first.
  CONNECTION_SIGN_IN_FAILED: 503,
  CONNECTION_NOT_FOUND: 503,
  PRIVILEGE_MISSING: 503,
  CONFIG_INVALID: 503,
  MIGRATION_NEEDED: 503,
  SCHEMA_TOO_NEW: 503,
  INTERNAL: 500,
}

/** The HTTP status of an error: the only place that knows both. */
export function statusOf(error: Pick<SyncError, 'code' | 'kind'>): number {
  return byCode[error.code] ?? byKind[error.kind]
}
