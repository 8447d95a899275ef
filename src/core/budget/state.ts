import { z } from 'zod'

const Amounts = z.strictObject({ requests: z.number(), executionMs: z.number() })

/**
 * What one worker holds of the budget, as of its last exchange. Times by the database's clock, ms. While versions are replaced,
 * workers of several of them share the state: what one does not know is passed over, what is missing is taken as usual.
 */
const BudgetWorker = z.object({
  exchangedAt: z.number(),
  /** Nothing of the grant may be used later. */
  validUntil: z.number(),
  /** Totals since the worker's start that have been booked: an exchange that is repeated books nothing twice. */
  requestsTotal: z.number(),
  executionTotalMs: z.number(),
  /** What it may still use: requests of each lane, and run time. */
  requests: z.number(),
  interactive: z.number(),
  executionMs: z.number(),
  /** How many requests it may have running: scheduled work, and interactive work on top. */
  slots: z.number(),
  interactiveSlots: z.number(),
  running: z.number(),
  /** How long its requests last, ms. */
  lastsMs: z.number().default(1_000),
  /** What it wanted on top of what it kept. */
  want: Amounts.extend({ slots: z.number(), interactiveSlots: z.number(), mappings: z.number() }),
  /** Its part of the pace that it has not been granted yet, because grants are whole requests. */
  credit: Amounts,
})
export type BudgetWorker = z.infer<typeof BudgetWorker>

/** What is known of one identity's budget; shared by all workers. Times by the database's clock, ms. */
export const BudgetState = z.object({
  /** When the state was changed last. */
  at: z.number(),
  usage: z.array(Amounts.extend({ from: z.number() })).readonly(),
  /** Learned: which part of each limit this identity can really use. */
  shares: z.strictObject({ requests: z.number(), 'execution-time': z.number(), concurrency: z.number() }),
  /** Answers that arrive before belong to an overload that has been learned from. */
  deafUntil: z.number(),
  /** Nothing is sent before. */
  holdUntil: z.number(),
  /** The last parallelism hint of the server. */
  hint: z.strictObject({ requests: z.number(), at: z.number() }).nullable(),
  workers: z.record(z.string(), BudgetWorker),
})
export type BudgetState = z.infer<typeof BudgetState>

/** A budget nobody has used yet. */
export function freshBudget(now: number): BudgetState {
  return {
    at: now,
    usage: [],
    shares: { requests: 1, 'execution-time': 1, concurrency: 1 },
    deafUntil: now,
    holdUntil: now,
    hint: null,
    workers: {},
  }
}

/**
 * The same state after the database's clock went back (a standby took over, the clock was set): all times move along,
 * as if no time had passed. Otherwise holds and usage would last until the clock has caught up.
 */
export function rebased(state: BudgetState, now: number): BudgetState {
  const by = now - state.at
  if (by >= 0) return state
  return {
    ...state,
    at: now,
    usage: state.usage.map((bucket) => ({ ...bucket, from: bucket.from + by })),
    deafUntil: state.deafUntil + by,
    holdUntil: state.holdUntil + by,
    hint: state.hint && { ...state.hint, at: state.hint.at + by },
    workers: mapWorkers(state, (worker) => ({
      ...worker,
      exchangedAt: worker.exchangedAt + by,
      validUntil: worker.validUntil + by,
    })),
  }
}

export function mapWorkers(
  { workers }: BudgetState,
  change: (worker: BudgetWorker, name: string) => BudgetWorker,
): Record<string, BudgetWorker> {
  return Object.fromEntries(Object.entries(workers).map(([name, worker]) => [name, change(worker, name)]))
}
