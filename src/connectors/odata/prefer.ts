/** Preferences of a request; every one is a wish that a service may ignore (connectors.md C). */
export interface Preferences {
  readonly maxPageSize?: number
  readonly trackChanges?: boolean
  readonly continueOnError?: boolean
  /** The record after the write in the answer. */
  readonly returnRepresentation?: boolean
  /** For example `*`, or several names separated by commas. */
  readonly includeAnnotations?: string
}

/** The `Prefer` header: one line, parts separated by commas; null when nothing is preferred. */
export function preferHeader(preferences: Preferences): string | null {
  const { maxPageSize, includeAnnotations } = preferences
  const parts = [
    maxPageSize === undefined ? null : `odata.maxpagesize=${maxPageSize}`,
    preferences.trackChanges ? 'odata.track-changes' : null,
    preferences.continueOnError ? 'odata.continue-on-error' : null,
    preferences.returnRepresentation ? 'return=representation' : null,
    includeAnnotations === undefined ? null : `odata.include-annotations="${includeAnnotations}"`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(',')
}
