import type { RunKind } from '../sync/run.ts'

export const scheduleKinds = ['full', 'modified', 'mapping'] as const satisfies readonly RunKind[]
export type ScheduleKind = (typeof scheduleKinds)[number]

/** A slot comes while the last run of its schedule goes on: leave it out, or start one run as soon as that has ended. */
export const overlapPolicies = ['skip', 'merge'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

/** Slots were missed because no scheduler ran, or something was paused: make up for all of them once, or for none. */
export const catchUpPolicies = ['once', 'skip'] as const
export type CatchUpPolicy = (typeof catchUpPolicies)[number]

/** What became of a slot. `merged`: it starts when the run that is going on has ended. */
export const slotDecisions = ['started', 'merged', 'skipped', 'missed', 'idle'] as const
export type SlotDecision = (typeof slotDecisions)[number]

/** A time in which nothing starts by itself. Instants. */
export interface Blackout {
  readonly from: string
  readonly to: string
  readonly reason: string
}

/** When a schedule is due. Exactly one of `everyMinutes` and `cron` is given. */
export interface Timing {
  /** Slots lie at whole multiples of it from the anchor, whatever the clocks of people do: no drift (domain.md §14.5). */
  readonly everyMinutes: number | null
  /** Five fields, read in the time zone. */
  readonly cron: string | null
  /** Only its phase counts: an instant at which a slot would lie. */
  readonly anchorAt: string
  /** IANA name; of cron, weekdays and window. */
  readonly timeZone: string
  /** ISO: 1 is Monday; null: every day. A window over midnight belongs to the day on which it begins. */
  readonly weekdays: readonly number[] | null
  /** `HH:MM`, in which slots may lie, the end excluded; both or none. */
  readonly windowFrom: string | null
  readonly windowTo: string | null
  /** No slot lies at this instant or later. */
  readonly expiresAt: string | null
  readonly blackouts: readonly Blackout[]
}

/** A recurring run. */
export interface Schedule extends Timing {
  readonly id: number
  readonly pairId: number
  readonly name: string
  readonly kind: ScheduleKind
  /** The one mapping of kind `mapping`. */
  readonly mapping: string | null
  readonly enabled: boolean
  readonly overlap: OverlapPolicy
  readonly catchUp: CatchUpPolicy
  /** Minutes without runs after one that found nothing to do; a change on either side ends them; 0: none (domain.md §14.3). */
  readonly inactivityMinutes: number
  /** Name of the calendar its blackouts come from. */
  readonly calendar: string | null
  readonly pause: { readonly by: string; readonly reason: string; readonly at: string } | null
  /** Slots up to this instant are settled. */
  readonly settledUntil: string
  readonly lastDecision: SlotDecision | null
  /** A slot waits for the end of the run that is going on. */
  readonly isPending: boolean
  /** What the sources of its mappings showed behind the watermarks when it was looked at last; opaque. */
  readonly seen: string | null
}

/** What a person, or a mapping file, says about a schedule. */
export type ScheduleSettings = Pick<
  Schedule,
  | 'kind'
  | 'mapping'
  | 'enabled'
  | 'everyMinutes'
  | 'cron'
  | 'anchorAt'
  | 'timeZone'
  | 'weekdays'
  | 'windowFrom'
  | 'windowTo'
  | 'expiresAt'
  | 'overlap'
  | 'catchUp'
  | 'inactivityMinutes'
  | 'calendar'
>
