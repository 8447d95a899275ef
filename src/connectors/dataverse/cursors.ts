import { createHash } from 'node:crypto'
import { z } from 'zod'

/** Texts between connector and store that only this connector reads. The version says how to read them. */
const LinkPosition = z.strictObject({ v: z.literal(1), query: z.string(), link: z.string() })

/** Digits of a row version. They are compared as numbers of any length. */
const Version = z.string().regex(/^\d{1,30}$/)

/** Where the changes begin that have not been seen: behind a version, or at a time while no version is known; or at the first. */
const Watermark = z.strictObject({
  v: z.literal(1),
  after: Version.nullable(),
  since: z.string().nullable(),
})
export type Watermark = z.infer<typeof Watermark>

/** Where a pass over changes stands. */
const ChangePosition = z.strictObject({
  v: z.literal(1),
  query: z.string(),
  /** To be saved with the page before. */
  watermark: Watermark,
  /** Version of the last record read. */
  last: Version,
  /** Greatest version when the pass began: it ends there. */
  top: Version,
  /** When the pass began by the service's clock, ISO text; null where it does not tell. */
  begunAt: z.string().nullable(),
})
export type ChangePosition = z.infer<typeof ChangePosition>

const Mark = z.strictObject({ v: z.literal(1), link: z.string() })

/** Tells whether a position belongs to the question that is asked now. */
function queryName(path: string): string {
  return createHash('sha256').update(path).digest('base64url').slice(0, 16)
}

/** Link of the next page, or null: begin. A text of another question, or one that cannot be read, means begin, too. */
export function readLink(cursor: string | null, path: string): string | null {
  const position = parse(LinkPosition, cursor)
  return position?.query === queryName(path) ? position.link : null
}

export function writeLink(link: string, path: string): string {
  return JSON.stringify({ v: 1, query: queryName(path), link } satisfies z.input<typeof LinkPosition>)
}

export function readChangePosition(cursor: string | null, path: string): ChangePosition | null {
  const position = parse(ChangePosition, cursor)
  return position?.query === queryName(path) ? position : null
}

export function writeChangePosition(position: Omit<ChangePosition, 'v' | 'query'>, path: string): string {
  return JSON.stringify({ v: 1, query: queryName(path), ...position } satisfies ChangePosition)
}

const fromTheStart: Watermark = { v: 1, after: null, since: null }

export function readWatermark(watermark: string | null): Watermark {
  return parse(Watermark, watermark) ?? fromTheStart
}

export function writeWatermark(watermark: Watermark): string {
  return JSON.stringify(watermark)
}

/** The link for the deletions since a mark; null where it is no mark of ours. */
export function readMark(mark: string): string | null {
  return parse(Mark, mark)?.link ?? null
}

export function writeMark(link: string): string {
  return JSON.stringify({ v: 1, link } satisfies z.input<typeof Mark>)
}

function parse<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null || text === '') return null
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
