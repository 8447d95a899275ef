/** A subscription as the service lists it. */
export interface KnownSubscription {
  readonly id: string
  readonly etag: string
  /** The set it is about, as `topicOf` writes it; null for one that is about something else. */
  readonly topic: string | null
  readonly expiresMs: number
}

export type SubscriptionStep =
  | { readonly kind: 'create'; readonly topic: string }
  | { readonly kind: 'renew'; readonly subscription: KnownSubscription }
  | { readonly kind: 'remove'; readonly subscription: KnownSubscription }

/** A subscription lives three days; it is renewed when half of that is left (connectors.md B.8). */
const renewBeforeMs = 36 * 3_600_000

/**
 * What has to be done so that each topic is announced once. `known`: the subscriptions to our own address. One that has
 * expired counts as gone; what nobody wants any more, and second ones, are removed. Pure.
 */
export function planSubscriptions(
  wanted: readonly string[],
  known: readonly KnownSubscription[],
  nowMs: number,
): readonly SubscriptionStep[] {
  const living = known.filter(({ expiresMs }) => expiresMs > nowMs)
  const latestFirst = [...living].sort((a, b) => b.expiresMs - a.expiresMs)
  const kept = new Map<string, KnownSubscription>()
  const steps: SubscriptionStep[] = []
  for (const subscription of latestFirst) {
    const { topic, expiresMs } = subscription
    if (topic === null || !wanted.includes(topic) || kept.has(topic)) {
      steps.push({ kind: 'remove', subscription })
      continue
    }
    kept.set(topic, subscription)
    if (expiresMs - nowMs < renewBeforeMs) steps.push({ kind: 'renew', subscription })
  }
  const missing = [...new Set(wanted)].filter((topic) => !kept.has(topic))
  return [...steps, ...missing.map((topic) => ({ kind: 'create', topic }) as const)]
}

/** A set of an API in a company, in one spelling. */
export interface Topic {
  readonly apiPath: string
  readonly companyId: string
  readonly entitySet: string
}

export function topicText({ apiPath, companyId, entitySet }: Topic): string {
  return `/${apiPath}companies(${companyId.toLowerCase()})/${entitySet}`
}

const resourcePattern =
  /(?:^|\/)(api\/(?:v2\.0|[^/?]+\/[^/?]+\/[^/?]+)\/)companies\(([0-9a-fA-F-]{36})\)\/([A-Za-z_]\w*)(?:[(?].*)?$/s

/** The topic of a resource: a set, one of its rows, or a part of it by a filter; null for anything else. */
export function topicOf(resource: string): Topic | null {
  const [, apiPath, companyId, entitySet] = resourcePattern.exec(resource) ?? []
  if (apiPath === undefined || companyId === undefined || entitySet === undefined) return null
  return { apiPath, companyId, entitySet }
}
