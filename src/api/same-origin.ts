import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SyncError } from '../core/errors.ts'
import { sendProblem } from './problem.ts'

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request of this method may change something. */
export function changesSomething(method: string): boolean {
  return !readOnly.has(method)
}

/**
 * A browser that knows the key sends it along with every request to this server, also with one that another site has
 * made it send. So what changes something must come from our own pages, or from no page at all.
 */
export function createSiteGuard(publicHost: string | null) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!changesSomething(request.method) || !comesFromOtherSite(request.headers, publicHost)) return
    await sendProblem(
      reply,
      new SyncError('CROSS_SITE_REFUSED', 'Another site asked the browser to send this request'),
    )
  }
}

/** Browsers send `Sec-Fetch-Site` to https and to localhost only, `Origin` with every request that is no GET. */
export function comesFromOtherSite(headers: IncomingHttpHeaders, publicHost: string | null): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return headers.origin !== undefined && !isOwnOrigin(headers, publicHost)
}

/**
 * Whether something shows that one of our own pages has sent the request: the browser says so, or there is the header
 * `X-Couplet`, which no other site can add without asking this server first.
 */
export function isProvenOwn(headers: IncomingHttpHeaders, publicHost: string | null): boolean {
  if (comesFromOtherSite(headers, publicHost)) return false
  const says = headers['sec-fetch-site'] === 'same-origin' || isOwnOrigin(headers, publicHost)
  return says || headers['x-couplet'] !== undefined
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders, publicHost: string | null): boolean {
  return origin !== undefined && URL.canParse(origin) && [host, publicHost].includes(new URL(origin).host)
}
