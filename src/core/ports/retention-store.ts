/**
 * What grows with time and is removed by age; each goes before what it belongs to. One more kind is: its name here, how it is
 * removed (store/retention/removers.ts), its days (app/retention-settings.ts), and its tables in docs/tables.md.
 */
export const agingKinds = [
  'outcomes',
  'match lists',
  'operations',
  'previews',
  'runs',
  'alerts',
  'webhook events',
  'keys',
  'audit',
] as const
export type AgingKind = (typeof agingKinds)[number]

/** Days for which each is kept, by the database's clock; null: for ever. */
export type KeepDays = Readonly<Record<AgingKind, number | null>>

/** The last time that one kind was looked through to the end. */
export interface RetentionRound {
  readonly kind: AgingKind
  readonly secondsAgo: number
  /** Removed by it, and since the beginning. Outcomes are counted as the statistics of their partitions say. */
  readonly removed: number
  readonly removedInAll: number
}

export interface RetentionStore {
  /**
   * Removes what is older than that and nothing needs any more, a part of it at a time; gives how much, 0 when nothing is left
   * to remove. Aborted it ends within moments, and what went until then is gone. Safe to run twice at once. For outcomes it also makes the partitions of the coming months.
   */
  removeOld(kind: AgingKind, keepDays: number, signal: AbortSignal): Promise<number>
  noteRound(kind: AgingKind, removed: number): Promise<void>
  listRounds(): Promise<readonly RetentionRound[]>
}
