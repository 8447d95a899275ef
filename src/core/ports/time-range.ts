/** What happened from one instant on, and before another; left out: at any time. */
export interface TimeRange {
  readonly since?: string | undefined
  readonly until?: string | undefined
}
