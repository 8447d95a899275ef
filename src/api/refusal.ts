import { type ErrorCode, SyncError } from '../core/errors.ts'
import type { FieldProblem } from './contract/problem.ts'
import { statusOf } from './status.ts'

/** A request whose form is right and whose meaning is not: it is refused with 422, with every wrong field. */
export class RequestRefusedError extends SyncError {
  readonly status = 422
  readonly problems: readonly FieldProblem[] | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: { problems?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(code, message, more.cause === undefined ? {} : { cause: more.cause })
    this.problems = more.problems
  }
}

/** Settings that are found wrong in here were sent with the request, and are none of this installation: nobody else has to act first. */
export async function judgingWhatWasSent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isAboutSettings = error instanceof SyncError && error.kind === 'config' && statusOf(error) >= 500
    throw isAboutSettings ? new RequestRefusedError(error.code, error.message, { cause: error }) : error
  }
}
