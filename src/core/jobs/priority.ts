/** How soon a run is worked off, as somebody asks for it; it never goes before single records that people wait for. */
export const wishedPriorities = ['low', 'normal', 'high'] as const
export type WishedPriority = (typeof wishedPriorities)[number]

/** What kind of work a run is: single records, what else somebody has asked for, a slot of a schedule, a full synchronization. */
export type WorkClass = 'records' | 'interactive' | 'scheduled' | 'full'

/** Smaller is sooner. Whatever is wished, single records come first, and what is high goes before all other that is not. */
const ranks: Readonly<Record<WorkClass, Readonly<Record<WishedPriority, number>>>> = {
  records: { high: 1, normal: 2, low: 3 },
  interactive: { high: 4, normal: 5, low: 20 },
  scheduled: { high: 4, normal: 8, low: 20 },
  full: { high: 4, normal: 10, low: 20 },
}

/** All places that there are, the first first. */
export const priorities: readonly number[] = [
  ...new Set(Object.values(ranks).flatMap((places) => Object.values(places))),
].sort((a, b) => a - b)

/** The place of a run in the queue, smaller first; it stays with the run through retries and whatever is enqueued again. */
export function runPriority(work: WorkClass, wished: WishedPriority = 'normal'): number {
  return ranks[work][wished]
}

/** Somebody waits for the run, so it rather tries and fails than waits for a connection that does not answer. */
export function isAwaited(priority: number): boolean {
  return priority <= ranks.interactive.normal
}
