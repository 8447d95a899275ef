import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { nameOf } from '../core/access/principal.ts'
import { SyncError } from '../core/errors.ts'
import { sendProblem } from './problem.ts'
import { changesSomething } from './same-origin.ts'

/**
 * Lets everybody ask for so many changes a minute, counted in this process. People need far less than programs: a page that
 * went wild is stopped earlier.
 */
export function limitActions(actionsPerMinute: number) {
  const programs = new RateLimiterMemory({ points: actionsPerMinute, duration: 60 })
  const people = new RateLimiterMemory({ points: Math.min(actionsPerMinute, peoplePerMinute), duration: 60 })
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { signedIn } = request
    if (signedIn === null || !changesSomething(request.method)) return undefined
    try {
      await (signedIn.kind === 'key' ? programs : people).consume(nameOf(signedIn))
      return undefined
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      const message = `'${signedIn.name}' has asked for too many changes in a minute`
      return sendProblem(
        reply,
        new SyncError('TOO_MANY_ATTEMPTS', message, { retryAfterMs: refusal.msBeforeNext }),
      )
    }
  }
}

const peoplePerMinute = 600
