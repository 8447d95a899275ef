import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SyncError } from '../core/errors.ts'
import { sendProblem } from './problem.ts'

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A browser that knows the key sends it along with every request to this server, also with one that another site has
 * made it send. So what changes something must come from our own pages, or from no page at all.
 */
export async function refuseOtherSites(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (readOnly.has(request.method) || !comesFromOtherSite(request.headers)) return
  await sendProblem(
    reply,
    new SyncError('CROSS_SITE_REFUSED', 'Another site asked the browser to send this request'),
  )
}

/** Browsers send `Sec-Fetch-Site` to https and to localhost only, `Origin` with every request that is no GET. */
export function comesFromOtherSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host } = headers
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
