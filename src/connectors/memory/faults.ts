import { type Problem, SyncError } from '../../core/errors.ts'
import type { WriteOperation } from '../../core/ports/connector.ts'
import { countRequest } from '../../lib/request-meter.ts'

export interface FaultPlan {
  /** How many requests fail. */
  readonly requests: number
  /** `after`: the request is carried out and only its answer is lost. */
  readonly when: 'before' | 'after'
  /** Only requests of this kind count and fail; default: all. */
  readonly only?: 'read' | 'write'
  /** The system does not break the connection, but says when it will take requests again. */
  readonly retryAfterMs?: number
}

/** Takes effect when it is released, long after the writer was told that its request failed. */
export interface HeldWrite {
  /** False until the write has arrived. */
  readonly hasArrived: () => boolean
  readonly release: () => void
}

/** What a test lets go wrong in a memory system. */
export class MemoryFaults {
  #plan: FaultPlan | null = null
  #failuresLeft = 0
  #held: { effect: (() => void) | null } | null = null
  readonly #rejections: ((table: string, operation: WriteOperation) => Problem | null)[] = []

  /** The next requests fail as if the connection broke. */
  failNext(plan: FaultPlan): void {
    this.#plan = plan
    this.#failuresLeft = plan.requests
  }

  /** Every write for which the rule gives a problem is rejected with it. */
  rejectWhen(rule: (table: string, operation: WriteOperation) => Problem | null): void {
    this.#rejections.push(rule)
  }

  /** The next write request loses its answer, and takes effect only when it is released. */
  holdNextWrite(): HeldWrite {
    const held: { effect: (() => void) | null } = { effect: null }
    this.#held = held
    return {
      hasArrived: () => held.effect !== null,
      release: () => {
        held.effect?.()
        held.effect = null
      },
    }
  }

  findRejection(table: string, operation: WriteOperation): Problem | null {
    for (const rule of this.#rejections) {
      const found = rule(table, operation)
      if (found) return found
    }
    return null
  }

  /** Carries a request out, or lets it fail before or after that. */
  async carryOut<T>(kind: 'read' | 'write', name: string, work: () => T): Promise<T> {
    countRequest()
    const failure = this.#takeFailure(kind)
    if (failure?.when === 'before') throw failed(name, failure)
    if (kind === 'write' && this.#held) {
      this.#held.effect = work
      this.#held = null
      throw lostConnection(name)
    }
    const result = work()
    if (failure?.when === 'after') throw failed(name, failure)
    return result
  }

  #takeFailure(kind: 'read' | 'write'): FaultPlan | null {
    if (!this.#plan || this.#failuresLeft === 0) return null
    if (this.#plan.only !== undefined && this.#plan.only !== kind) return null
    this.#failuresLeft -= 1
    return this.#plan
  }
}

function failed(name: string, { retryAfterMs }: FaultPlan): SyncError {
  if (retryAfterMs === undefined) return lostConnection(name)
  return new SyncError('CONNECTION_INTERRUPTED', `Connection ${name}: too many requests`, { retryAfterMs })
}

function lostConnection(name: string): SyncError {
  return new SyncError('CONNECTION_INTERRUPTED', `Connection ${name}: the answer was lost`)
}
