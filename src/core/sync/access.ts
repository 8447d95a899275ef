import type { Side } from '../mapping/definition.ts'

/** What is known of the right to look at one side; the texts are fingerprints, compared for equality only. */
export interface AccessSeen {
  readonly side: Side
  /** When the keys of the side began to be listed; null: it changed before they all were; undefined: none were listed. */
  readonly before: string | null | undefined
  readonly now: string
  /** At the last comparison of all keys that counted; null where there was none. */
  readonly lastClean: string | null
}

/**
 * The connection may see other records of a side than before: `during` the listing of its keys, or `since` they were last
 * compared. A record that is not found may then be hidden as well as deleted.
 */
export interface AccessChange {
  readonly side: Side
  readonly when: 'during' | 'since'
}

/** The first change that keeps an absence from being a proof (architecture.md §4.6), or null. Pure. */
export function findAccessChange(sides: readonly AccessSeen[]): AccessChange | null {
  const changed = ({ before, now }: AccessSeen) => before !== undefined && before !== now
  const during = sides.find(changed)
  if (during) return { side: during.side, when: 'during' }
  const since = sides.find(({ lastClean, now }) => lastClean !== null && lastClean !== now)
  return since ? { side: since.side, when: 'since' } : null
}

/** Why nobody is judged absent, for people; `table` is the table of the changed side. */
export function explainAccessChange({ side, when }: AccessChange, table: string): string {
  const moment = when === 'during' ? 'while its keys were listed' : 'since its keys were last compared'
  return `what the connection may see of ${table} (${side}) has changed ${moment}, so records that are not found may only be hidden`
}
