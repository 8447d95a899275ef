import type { OwnAnswer } from '../../core/transform/function-rule.ts'

/** One call of a user's own function. */
export interface FunctionCall {
  /** Path of the module's file. */
  readonly path: string
  readonly name: string
  readonly value: string
}

/** What the thread is asked; answered in the order of asking. */
export type Question =
  | { readonly number: number; readonly kind: 'load'; readonly path: string }
  | { readonly number: number; readonly kind: 'call'; readonly calls: readonly FunctionCall[] }

/** Answers of a question of calls come in portions, in their order. */
export type Answer =
  | { readonly number: number; readonly kind: 'loaded'; readonly names: readonly string[] }
  | { readonly number: number; readonly kind: 'not-loaded'; readonly reason: string }
  | { readonly number: number; readonly kind: 'called'; readonly answers: readonly OwnAnswer[] }

/** Places in the memory that both threads see. */
export const places = {
  /** Grows with each question; the thread sleeps on it. */
  asked: 0,
  /** Grows with each message that the thread has sent; a caller that must have its answer at once sleeps on it. */
  answered: 1,
  /** Grows with each single call that has ended: while it stands still, one call is running. */
  called: 2,
  /** 1 once the thread has been loaded, 2 once it has ended by itself. */
  state: 3,
} as const

export const placesBytes = 4 * Int32Array.BYTES_PER_ELEMENT

/** What the thread is started with. */
export interface ThreadData {
  readonly shared: SharedArrayBuffer
  readonly port: import('node:worker_threads').MessagePort
}
