import { z } from 'zod'
import { problems } from '../problems.ts'

/** Where the next page begins, as it stands in a link: opaque for clients. */
const Cookie = z.object({
  page: z.number(),
  /** The last record of the page before: what it is sorted by. */
  key: z.string(),
  modifiedMs: z.number(),
  version: z.number(),
  /** Values by which a page in another order was sorted, in the form in which they compare. */
  sortedBy: z.array(z.union([z.string(), z.number(), z.null()])).nullable(),
  /** Changes only: the version the next delta link begins at, and whether the tombstones have begun. */
  delta: z.object({ upTo: z.number(), deletedFrom: z.number().nullable() }).nullable(),
})
export type Cookie = z.infer<typeof Cookie>

/** As it stands in `$skiptoken`, before it is encoded for the address. */
export function writeCookie(cookie: Cookie): string {
  const content = Buffer.from(JSON.stringify(cookie)).toString('base64url')
  return `<cookie pagenumber="${cookie.page}" pagingcookie="${content}" istracking="False" />`
}

/** Throws status 400 for a text that no page has given. */
export function readCookie(text: string): Cookie {
  const content = /^<cookie pagenumber="\d+" pagingcookie="([\w-]+)" istracking="False" \/>$/.exec(text)?.[1]
  try {
    return Cookie.parse(JSON.parse(Buffer.from(content ?? '', 'base64url').toString('utf8')))
  } catch {
    throw problems.query('The skiptoken is not one that this server has given.')
  }
}
