/** Durations of the real service in milliseconds, and counts (connectors.md B.8). */
export const webhookLimits = {
  lifetimeMs: 3 * 24 * 3_600_000,
  quietMs: 30_000,
  giveUpMs: 36 * 3_600_000,
  firstPauseMs: 10_000,
  longestPauseMs: 3_600_000,
  mostRows: 1_000,
  mostSubscriptions: 200,
} as const

export type ChangeType = 'created' | 'updated' | 'deleted'

/** Changes of one set that a subscription has not been told of yet; bounded, whatever happens. */
export interface Gathered {
  readonly firstChangeMs: number
  /** Time of the first change by the clock of the system, for the filter of a `collection`. */
  readonly since: string
  /** By id of the row; null once there are too many of them. */
  readonly rows: Map<string, { readonly changeType: ChangeType; readonly at: string }> | null
}

/** One change more. A row that is created and changed within the time is created; whatever ends deleted is deleted. */
export function gather(
  gathered: Gathered | null,
  change: {
    readonly id: string
    readonly changeType: ChangeType
    readonly at: string
    readonly atMs: number
  },
): Gathered {
  const { id, changeType, at, atMs } = change
  const known = gathered ?? { firstChangeMs: atMs, since: at, rows: new Map() }
  if (known.rows === null) return known
  const before = known.rows.get(id)
  known.rows.set(id, {
    changeType: before?.changeType === 'created' && changeType === 'updated' ? 'created' : changeType,
    at,
  })
  return known.rows.size > webhookLimits.mostRows ? { ...known, rows: null } : known
}

export interface Notice {
  readonly subscriptionId: string
  readonly clientState: string
  readonly expirationDateTime: string
  readonly resource: string
  readonly changeType: ChangeType | 'collection'
  readonly lastModifiedDateTime: string
}

/** What is sent about the gathered changes: a notice for each row, or one for all. `resource` is the URL of the set. */
export function noticesOf(
  subscription: Pick<Notice, 'subscriptionId' | 'clientState' | 'expirationDateTime'> & {
    readonly resource: string
  },
  gathered: Gathered,
  now: string,
): readonly Notice[] {
  const { resource, ...head } = subscription
  if (gathered.rows === null) {
    const filter = `$filter=lastDateTimeModified%20gt%20${gathered.since}`
    return [
      { ...head, resource: `${resource}?${filter}`, changeType: 'collection', lastModifiedDateTime: now },
    ]
  }
  return [...gathered.rows].map(([id, { changeType, at }]) => ({
    ...head,
    resource: `${resource}(${id})`,
    changeType,
    lastModifiedDateTime: at,
  }))
}

/**
 * What follows from the answer to a notification: 408, 429 and 5xx (or none) are tried again for 36 hours, any other failure ends
 * the subscription. `status` is null when there was no answer.
 */
export function afterAnswer(
  status: number | null,
  waitedMs: number,
): 'delivered' | 'again' | 'given up' | 'ended' {
  if (status !== null && status >= 200 && status < 300) return 'delivered'
  if (status !== null && status !== 408 && status !== 429 && status < 500) return 'ended'
  return waitedMs >= webhookLimits.giveUpMs ? 'given up' : 'again'
}

/** Pause before the next attempt, in milliseconds: twice as long each time, an hour at most. */
export function pauseMs(attempt: number): number {
  return Math.min(webhookLimits.longestPauseMs, webhookLimits.firstPauseMs * 2 ** Math.min(attempt - 1, 20))
}
