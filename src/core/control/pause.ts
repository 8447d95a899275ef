/** What is paused: one mapping, everything that reaches a connection, or everything. */
export type PauseScope =
  | { readonly scope: 'everything' }
  | { readonly scope: 'connection'; readonly connectionId: number }
  | { readonly scope: 'mapping'; readonly mappingId: number }

export const pauseScopes = [
  'everything',
  'connection',
  'mapping',
] as const satisfies readonly PauseScope['scope'][]

export const pauseCauses = ['person', 'automatic'] as const

/** A pause: no line of what it covers begins a page. `person`: somebody has said so; else the rule that did, and why. */
export interface Pause {
  readonly id: number
  readonly scope: PauseScope['scope']
  readonly connectionId: number | null
  readonly mappingId: number | null
  /** Name of the connection or mapping; null for everything. */
  readonly name: string | null
  readonly cause: (typeof pauseCauses)[number]
  readonly by: string
  readonly reason: string
  readonly at: string
  /** It ends by itself at this instant; null: somebody has to resume it. */
  readonly until: string | null
}

/** What a line touches. */
export interface PauseTarget {
  readonly mappingId: number
  readonly connectionIds: readonly number[]
  /** It only shows what would happen. */
  readonly isPreview: boolean
}

/**
 * The pause that keeps a line from working, the widest first; null: none. A preview of a paused mapping runs, and so it does
 * where a rule has paused everything: it writes nothing, and tells what resuming would do. It waits for paused connections
 * like everything else.
 */
export function findHolding(pauses: readonly Pause[], target: PauseTarget): Pause | null {
  const order = ['everything', 'connection', 'mapping']
  const holding = pauses.filter(({ scope, connectionId, mappingId, cause }) => {
    if (scope === 'everything') return cause === 'person' || !target.isPreview
    if (scope === 'connection') return target.connectionIds.some((id) => id === connectionId)
    return mappingId === target.mappingId && !target.isPreview
  })
  return holding.sort((a, b) => order.indexOf(a.scope) - order.indexOf(b.scope))[0] ?? null
}

/** `CUSTOMER is paused by anna since …: month end`. */
export function pauseInWords({ scope, name, by, reason, at, cause, until }: Omit<Pause, 'id'>): string {
  const what =
    scope === 'everything' ? 'Everything' : scope === 'connection' ? `Connection ${name}` : `Mapping ${name}`
  const who = cause === 'person' ? `by ${by}` : `automatically (${by})`
  return `${what} is paused ${who} since ${at}${until === null ? '' : `, until ${until}`}: ${reason}`
}
