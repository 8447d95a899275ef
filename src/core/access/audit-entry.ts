/** What somebody did, for the audit log. Nothing of it is a secret. */
export interface AuditEntry {
  /** Who: `api/<key>`, `user/<name>`, `oidc/<name>`, `cli/<account>`, or the name of a process for what happens by itself. */
  readonly actor: string
  /** What, such as `mapping.save`. */
  readonly action: string
  /** To what, such as `mapping CUSTOMER`. */
  readonly subject: string
  /** Why, in the words of who did it. */
  readonly reason?: string | null
  /** What was changed, as it was and as it is; null where there was nothing, or is nothing any more. */
  readonly before?: Readonly<Record<string, unknown>> | null
  readonly after?: Readonly<Record<string, unknown>> | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** An entry as it stands in the log. */
export interface StoredAuditEntry extends Required<AuditEntry> {
  /** Its place in the chain: from 1, without a gap. */
  readonly id: number
  /** ISO 8601 in UTC, to the microsecond, by the clock of the database. */
  readonly at: string
  readonly hash: string
}

/** Which entries are meant; what is left out does not matter. */
export interface AuditFilter {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly subject?: string | undefined
  /** ISO 8601; the entries from then on, and before. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}
