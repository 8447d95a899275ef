/**
 * How a failure is to be treated (docs/architecture.md, "Failure of a job"):
 * transient – try again later; waiting – something else must happen first; permanent – a person or a change must
 * help; conflict – both sides changed; config – settings are wrong; lost-lease – another worker owns the work.
 */
export type ErrorKind = 'transient' | 'waiting' | 'permanent' | 'conflict' | 'config' | 'lost-lease'

/** Every code with its default kind and the remedy that is shown with it. Documented one by one in docs/errors.md. */
export const errorCodes = {
  // Connections
  HOST_UNKNOWN: [
    'transient',
    'Correct the host name in the address of the connection; if it is right, see why it cannot be looked up.',
  ],
  CONNECTION_REFUSED: ['transient', 'Start the server or correct the address in the named variable.'],
  CONNECTION_SIGN_IN_FAILED: ['config', 'Correct user and password in the named variable.'],
  CONNECTION_NOT_FOUND: ['config', 'Create the database, or correct its name in the named variable.'],
  CONNECTION_INTERRUPTED: ['transient', 'Nothing to do: the work is repeated by itself.'],
  NOTICE_REFUSED: [
    'config',
    'Nothing to do if it was not sent by the system itself; else give all processes the same webhookKey.',
  ],
  ANNOUNCING_IMPOSSIBLE: [
    'config',
    'Leave it to the schedules, or to the webhooks of the system where it has them.',
  ],
  CONNECTION_CHANGED: ['transient', 'Give the command again.'],
  COMPANY_NOT_FOUND: ['config', 'Correct the company in the settings of the connection: its name or its id.'],
  CONNECTION_UNKNOWN: ['config', 'Use the name of a connection that exists: `couplet connection list`.'],
  PRIVILEGE_MISSING: ['config', 'Grant the named privilege to the user of the connection.'],
  CONNECT_TIMEOUT: [
    'transient',
    'Nothing to do: it is tried again by itself. If it stays, look at the network and the address of the connection.',
  ],
  ANSWER_TIMEOUT: [
    'transient',
    'Nothing to do: it is tried again by itself. If it stays, lower the page size of the connection.',
  ],
  ANSWER_STALLED: [
    'transient',
    'Nothing to do: it is tried again by itself. If it stays, lower the page size of the connection.',
  ],
  ANSWER_INVALID: [
    'transient',
    'Check that the address of the connection leads to the service itself; else nothing to do: it is tried again by itself.',
  ],
  ANSWER_TOO_LARGE: [
    'config',
    'Lower the page size of the connection, or raise the size its answers may have.',
  ],
  TLS_FAILED: [
    'config',
    'Correct the certificate of the server, or name its authority in the settings of the connection.',
  ],
  REDIRECT_REFUSED: [
    'config',
    'Enter the address the service really has; redirects are never followed with credentials.',
  ],
  ADDRESS_REFUSED: [
    'config',
    'Correct the address, or name its network in COUPLET_PRIVATE_NETWORKS if it may be reached.',
  ],
  LINK_REFUSED: [
    'config',
    'Correct the address of the connection, or the public address in the settings of the service.',
  ],
  PAGING_ENDLESS: [
    'config',
    'Report it to whoever runs the service: its pages lead in a circle or to nothing.',
  ],
  SIGN_IN_REFUSED: [
    'config',
    'Correct application, secret or certificate in the named connection, and what the application may do there.',
  ],
  THROTTLED: ['transient', 'Nothing to do: it is tried again when the service allows it.'],
  SERVICE_FAILED: [
    'transient',
    'Nothing to do: it is tried again by itself. If it stays, ask whoever runs the service.',
  ],
  SERVICE_REFUSED: [
    'config',
    'Correct what the message of the service names: mostly a setting, or a table or field that is not there.',
  ],
  // Schema and mapping
  TABLE_NOT_FOUND: ['config', 'Correct the table name in the mapping, or create the table.'],
  FIELD_NOT_FOUND: ['config', 'Correct the field name in the mapping, or add the column.'],
  KEY_NOT_FOUND: ['config', 'Give the table a primary key, or name `keyFields` in the mapping.'],
  MODIFIED_FIELD_MISSING: [
    'config',
    'Add a column with the modification time, or leave `modifiedField` out to compare the whole table.',
  ],
  TABLE_NOT_USABLE: [
    'config',
    'Map a table or view that can be read and written as it is: rules, INSTEAD OF triggers and computed keys limit that.',
  ],
  SCHEMA_CHANGED: [
    'config',
    'Change the table back; or see whether the mapping still fits, and import it (again): that takes its tables as they are now.',
  ],
  MAPPING_INVALID: ['config', 'Correct the problems listed, then import the mapping again.'],
  MAPPING_UNKNOWN: ['config', 'Use the name of a mapping that exists: `couplet mappings list`.'],
  MAPPING_DISABLED: [
    'config',
    'Enable the mapping (`couplet mappings enable`), or ask for a preview, which works for disabled mappings, too.',
  ],
  MAPPING_CHANGED: ['transient', 'Nothing to do: the line is planned again with the new version.'],
  MAPPING_EDITED: [
    'config',
    'Read the mapping as it is now, and make the change again: somebody else has changed it in the meantime.',
  ],
  FILTER_INVALID: ['config', 'Correct the filter at the position shown.'],
  DEPENDENCY_CYCLE: [
    'config',
    'Remove one of the dependencies of the cycle, or mark the reference as deferred.',
  ],
  CREATE_NOT_IDEMPOTENT: [
    'config',
    'Map the key, use a uuid key, or let the connection keep receipts (settings, and privileges of its user). For a number series see the settings of the connection.',
  ],
  TEMPLATE_NOT_FOUND: ['config', 'Correct the name, or add a template of that name to the mapping.'],
  NO_FIELD_MAPPINGS: ['config', 'Enable at least one field mapping for this direction.'],
  DIRECTION_NOT_ALLOWED: ['config', 'Use a direction that the mapping allows.'],
  NO_MAPPING_FOR_REFERENCE: ['config', 'Add a mapping for the referenced table.'],
  // Records
  VALUE_TRUNCATED: ['permanent', 'Shorten the value at its source, or make the destination field longer.'],
  VALUE_NOT_CONVERTIBLE: ['permanent', 'Correct the value at its source.'],
  VALUE_REFUSED: ['permanent', 'Correct the value at its source, so that the destination accepts it.'],
  VALUE_MISSING: ['permanent', 'Fill in the field at its source, or give the field mapping a constant.'],
  KEY_TOO_LONG: ['permanent', 'Use a table whose key is shorter, or name other `keyFields` in the mapping.'],
  OPTION_NOT_MAPPED: [
    'permanent',
    'Add the value to the value map or lookup table of the field mapping; in an option mapping, couple it with an option.',
  ],
  TRANSFER_FAILED: [
    'permanent',
    'Correct the value at its source, or the transformation of the field mapping.',
  ],
  REFERENCE_NOT_COUPLED: [
    'waiting',
    'Couple or synchronize the referenced record; this record then follows by itself.',
  ],
  EXCHANGE_RATE_MISSING: [
    'waiting',
    'Enter an exchange rate for the currency; the record then follows by itself.',
  ],
  UNIT_GROUP_INVALID: ['permanent', 'Activate the unit group, and leave exactly one unit in it.'],
  PARENT_MISSING: ['permanent', 'Give the record the company it belongs to.'],
  REQUIREMENT_NOT_MET: [
    'permanent',
    'Change the record so that it meets the requirement of the mapping, or change the requirement.',
  ],
  INSERT_FAILED: ['permanent', 'Remove the cause that the destination gives.'],
  MODIFY_FAILED: ['permanent', 'Remove the cause that the destination gives.'],
  DELETE_FAILED: ['permanent', 'Remove the cause that the destination gives, or restore the other record.'],
  CONFLICT_BOTH_CHANGED: [
    'conflict',
    'Decide which value is right: `couplet conflicts`, then `couplet resolve`; or enter it on both sides.',
  ],
  PING_PONG: [
    'permanent',
    'Stop one of the two from changing the field back, or make it one-way in the mapping; then retry the record.',
  ],
  COUPLED_TO_DELETED: ['permanent', 'Restore the missing record, or remove the coupling.'],
  DELETED_ON_ONE_SIDE: [
    'conflict',
    'Choose what is to happen: `couplet resolve <issue> --deletion restore|propagate|remove-coupling|archive`.',
  ],
  DELETION_HELD: [
    'waiting',
    'See whether these records were really deleted, then `couplet approve <run>`, or `couplet approve <run> --reject`.',
  ],
  ACCESS_CHANGED: [
    'waiting',
    'See what the connection may read (role, policies, view, company). Put it back, or look at what is held, then `couplet approve <run>` or `couplet approve <run> --reject`; then compare again with `couplet sync deletions`.',
  ],
  POSSIBLE_DUPLICATE: ['permanent', 'Couple the two records, or make their matching fields differ.'],
  NO_UNIQUE_MATCH: ['permanent', 'Couple the right candidate by hand, or make the matching fields differ.'],
  ALREADY_COUPLED: ['permanent', 'Remove the other coupling first.'],
  KEYS_SWAPPED: [
    'permanent',
    'Give one of the records a key that is free and synchronize it; then give it the key it is to have.',
  ],
  NO_MATCH_CRITERIA: ['config', 'Give a field mapping `match`, then import the mapping again.'],
  UNCOUPLED_BEFORE: [
    'permanent',
    'Couple the two records again (`couplet couple`), or create a new partner (`couplet sync record --create`).',
  ],
  NOT_COUPLED: ['permanent', 'Name a record that is coupled in this mapping.'],
  STILL_REFERRED_TO: [
    'waiting',
    'Couple the record again, or change the records that refer to it; a new reference to it waits until then.',
  ],
  RECORD_NOT_FOUND: ['permanent', 'Check the key; the record may have been deleted.'],
  RECORD_NOT_IN_FILTER: [
    'permanent',
    'Change the record so that it passes the filter of the mapping, or change the filter.',
  ],
  RECORD_LOCKED: [
    'transient',
    'Nothing to do: the record is tried again soon. End the transaction that keeps it locked.',
  ],
  VERSION_MISMATCH: ['transient', 'Nothing to do: the record is read again and tried again.'],
  // Runs, queue, life cycle
  LEASE_LOST: ['lost-lease', 'Nothing to do: another worker goes on.'],
  LINE_KILLS_WORKERS: [
    'permanent',
    'See the logs of the workers before they ended (out of memory, killed?), and the records of the next page; then run the line again: `couplet retry`.',
  ],
  PROCESS_UNKNOWN: ['config', 'Use the name of a process that is running: `couplet workers`.'],
  LEASE_TAKEN: ['transient', 'Nothing to do: the job starts when the other one has finished.'],
  SERVER_STOPPING: [
    'transient',
    'Send the request again: another process answers it, or this one when it is back.',
  ],
  QUEUE_UNAVAILABLE: ['transient', 'Start the queue server, or correct QUEUE_URL.'],
  QUEUE_PARENT_MISSING: ['transient', 'Nothing to do: the sweeper enqueues the run again.'],
  RUN_UNKNOWN: ['config', 'Use the number of a run that exists: `couplet runs`.'],
  RUN_KEY_REUSED: ['config', 'Use a new idempotency key for a different request.'],
  FULL_SYNC_RUNNING: ['config', 'Wait for the running full synchronization, or use its run number.'],
  RUN_ENDED: ['config', 'Nothing to do: only a run that has not ended can be cancelled.'],
  RUN_CANCELLED: ['permanent', 'Nothing to do; `couplet retry <run>` goes on where it stopped.'],
  NOTHING_HELD: ['config', 'Give the run whose deletions are held: `couplet issues --code DELETION_HELD`.'],
  NOTHING_TO_RETRY: ['config', 'Only failed lines and failed records can be retried.'],
  ISSUE_UNKNOWN: ['config', 'Use the number of an issue that is open: `couplet issues`.'],
  ISSUE_CHANGED: ['conflict', 'Look at the issue again, as it is now: `couplet issues show <issue>`.'],
  ISSUE_NOT_MEANT: [
    'config',
    'Do with the issue what fits its kind and code: `couplet issues show <issue>`.',
  ],
  NOTHING_SELECTED: ['config', 'Name issues or couplings that there are; count them first.'],
  SELECTION_CHANGED: ['conflict', 'Count again, and give the number that there is now.'],
  OPERATION_UNKNOWN: ['config', 'Use the number of an operation that exists: `couplet operations`.'],
  OPERATION_ENDED: [
    'config',
    'See what has become of its records, `couplet operations show ID --records`; what is left over is asked for anew.',
  ],
  RESOLUTION_INVALID: [
    'config',
    'Say what to take for every field in conflict: local, remote, newest, or a value that the field can hold.',
  ],
  SCHEDULE_INVALID: ['config', 'Correct the named setting of the schedule.'],
  SCHEDULE_UNKNOWN: ['config', 'Use the name of a schedule that exists: `couplet schedules`.'],
  SCHEDULE_EXISTS: ['config', 'Choose another name, or change the schedule: `couplet schedules edit`.'],
  PAUSED: ['waiting', 'Nothing to do: it goes on when it is resumed (`couplet resume`).'],
  NOT_PAUSED: ['config', 'Only what is paused can be resumed: `couplet pauses`.'],
  QUESTION_NOT_OPEN: ['config', 'Only an open question of a full synchronization can be answered.'],
  CONFIG_INVALID: ['config', 'Correct the named setting.'],
  REFERENCE_REFUSED: [
    'config',
    'Give the secret itself in `secrets`, to be stored sealed, or name the reference in COUPLET_HTTP_REFERENCES.',
  ],
  SECRET_NOT_READABLE: [
    'config',
    'Give the key it was sealed with in COUPLET_SECRET_KEY, or seal the secret anew for this connection.',
  ],
  EMBEDDED_UNAVAILABLE: ['config', 'Install PostgreSQL, or set DATABASE_URL and QUEUE_URL.'],
  EMBEDDED_IN_USE: ['config', 'Stop the other processes of Couplet that use this folder.'],
  MIGRATION_NEEDED: ['config', 'Run `couplet migrate`.'],
  SCHEMA_TOO_NEW: ['config', 'Update Couplet to the version that has changed the database, or a newer one.'],
  BACKUP_INVALID: [
    'config',
    'Use the whole file as `couplet backup` wrote it, with the version that made it.',
  ],
  BACKUP_OUTRUN: [
    'config',
    'Nothing to do: the file holds the newer one. If that is of another installation, name another file.',
  ],
  STORE_IN_USE: [
    'config',
    'Stop all processes of Couplet and try again; one that was killed is forgotten after 15 seconds, or when its lease ends (COUPLET_LEASE_SECONDS).',
  ],
  RECOVERY_AT_WORK: [
    'config',
    'Let the recovery that works end, then give the command again; one that was killed is forgotten when its lease ends (COUPLET_LEASE_SECONDS).',
  ],
  STORE_NOT_EMPTY: [
    'config',
    'Restore into an empty database, or say --replace to throw away what it holds.',
  ],
  ALERT_NOT_SENT: [
    'transient',
    'Nothing to do: it is sent later. If it stays, correct the channel (`couplet alerts channel`), then `couplet alerts test`.',
  ],
  WEBHOOK_UNKNOWN: ['config', 'Use the name of a webhook that exists: `couplet webhooks`.'],
  WEBHOOK_SECRET_MISSING: ['config', 'Give it a new secret first: `couplet webhooks rotate`.'],
  DELIVERY_UNKNOWN: ['config', 'Use the number of a delivery that exists: `couplet webhooks deliveries`.'],
  CALLBACK_NOT_SET_UP: [
    'config',
    'Set COUPLET_CALLBACK_SECRET for all processes, or ask without `callbackUrl`.',
  ],
  INTERRUPTED: ['transient', 'Give the command again; a run that is stored goes on when a worker runs.'],
  // HTTP
  REQUEST_INVALID: ['config', 'Correct the named fields, then send the request again.'],
  PRECONDITION_MISSING: [
    'config',
    'Send If-Match with the ETag that was read, or If-None-Match: * for something new.',
  ],
  REQUEST_TOO_LARGE: ['config', 'Send less at once: split the request.'],
  API_KEY_INVALID: ['config', 'Send a valid API key: `Authorization: Bearer <key>`.'],
  KEY_EXISTS: ['config', 'Revoke that key first, or take another name.'],
  KEY_UNKNOWN: ['config', 'Use the name of a key that is not revoked: `couplet keys`.'],
  ROLE_MISSING: ['config', 'Ask somebody who may do it, or use a key that has the named role.'],
  SCOPE_MISSING: ['config', 'Name a pair and a mapping that the key is for, or use another key.'],
  SIGN_IN_NEEDED: ['config', 'Sign in again.'],
  SIGN_IN_FAILED: [
    'config',
    'Correct name and password; a new password is set with `couplet users password`.',
  ],
  IDENTITY_REFUSED: [
    'config',
    'Begin again; if it stays, see which claims the identity provider sends and what COUPLET_OIDC_ROLES says.',
  ],
  IDENTITY_UNAVAILABLE: [
    'transient',
    'See whether the identity provider runs, and correct COUPLET_OIDC_ISSUER.',
  ],
  TOO_MANY_ATTEMPTS: ['config', 'Wait as long as the answer says, then try again.'],
  PASSWORD_REFUSED: ['config', 'Choose a password that is long enough, but not longer than allowed.'],
  CROSS_SITE_REFUSED: ['config', 'Do it from the pages of Couplet itself, or from a program.'],
  ROUTE_UNKNOWN: ['config', 'Use an address and a method of docs/http-api.md.'],
  // Bugs
  INTERNAL: ['permanent', 'Report this as a bug, with the log lines of the job.'],
} as const satisfies Record<string, readonly [ErrorKind, string]>

export type ErrorCode = keyof typeof errorCodes

/** Facts that go with an error: names and short values only, never a secret, never a whole record. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>

interface SyncErrorOptions {
  readonly kind?: ErrorKind
  readonly data?: ErrorData
  readonly cause?: unknown
  /** Milliseconds to wait before the next attempt, where the other system has said so. */
  readonly retryAfterMs?: number
}

/**
 * The only error type this project throws on purpose. `code` is stable, `kind` says what to do, `message` names the
 * record, mapping or setting; the remedy comes from the code. Anything else that is thrown is a bug.
 */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly data: ErrorData
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.kind = options.kind ?? errorCodes[code][0]
    this.data = options.data ?? {}
    this.retryAfterMs = options.retryAfterMs
  }

  get remedy(): string {
    return errorCodes[this.code][1]
  }
}

/** Turns anything thrown into a SyncError; what we did not throw ourselves becomes INTERNAL with its cause. */
export function toSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new SyncError('INTERNAL', message, { cause: error })
}

/**
 * What is wrong with one record, or one place of a mapping: an expected failure, returned and stored, never thrown.
 * `field` is the source field the user can correct; `value` is that value as text.
 */
export interface Problem {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly message: string
  readonly field: string | null
  readonly value: string | null
  /** Milliseconds to wait before the next attempt, where the other system has said so. */
  readonly retryAfterMs?: number
}

export function problem(
  code: ErrorCode,
  message: string,
  at: { field?: string | null; value?: string | null; kind?: ErrorKind; retryAfterMs?: number } = {},
): Problem {
  return {
    code,
    kind: at.kind ?? errorCodes[code][0],
    message,
    field: at.field ?? null,
    value: at.value ?? null,
    ...(at.retryAfterMs === undefined ? {} : { retryAfterMs: at.retryAfterMs }),
  }
}
