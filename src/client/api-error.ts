import type { Problem } from '../api/contract/problem.ts'

/** What the server has answered instead of doing what it was asked for. `code` is stable (docs/errors.md). */
export class CoupletApiError extends Error {
  override readonly name = 'CoupletApiError'
  readonly status: number
  readonly code: string
  readonly remedy: string
  readonly problem: Problem
  /** Seconds until another attempt is worth it, where the server has said so. */
  readonly retryAfterSeconds: number | null

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(`${problem.code}: ${problem.detail}`)
    this.status = problem.status
    this.code = problem.code
    this.remedy = problem.remedy
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}
