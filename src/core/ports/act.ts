/** Who does something, and why; stored in the audit log with what is done, in one transaction. */
export interface Act {
  /** As runs name who asked. */
  readonly by: string
  readonly reason: string | null
}
