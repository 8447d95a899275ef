import type { SimRequest } from './http.ts'

/** A request inside of a batch, in JSON or as the first line of a part, that writes. */
const writingPart = /(?:"method"\s*:\s*"|^)(?:POST|PATCH|PUT|DELETE)[" ]/m

/** True for a request that writes something: alone, or as a batch with at least one part that does. */
export function isWriting({
  method,
  path,
  body,
}: Pick<SimRequest, 'method' | 'path'> & { readonly body?: unknown }): boolean {
  if (method === 'GET') return false
  return !path.endsWith('/$batch') || (Buffer.isBuffer(body) && writingPart.test(body.toString('utf8')))
}
