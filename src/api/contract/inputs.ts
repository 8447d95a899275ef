import { z } from 'zod'
import { isUsualTime } from '../../lib/usual-time.ts'

/** Travels as text in an address or a query, and is a number on both ends. */
export const wholeNumber = (expected: string, max: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, expected)
    .transform(Number)
    .pipe(z.number().max(max, expected))
    .meta({ type: 'integer', pattern: undefined, minimum: 1, maximum: max })

/** A row id in an address or a query. */
export const RowId = wholeNumber('expected a whole number from 1', Number.MAX_SAFE_INTEGER)

export const ById = z.strictObject({ id: RowId })

/** Page of a list that is read from its newest row on; `before` is the `next` of the page before. */
export const pageQuery = {
  limit: wholeNumber('expected a whole number from 1 to 500', 500).default(50),
  before: RowId.optional(),
}

/** Postgres stores no NUL and no half of a character. */
function storable(characters: z.ZodString, max: number) {
  return characters
    .max(max, `expected at most ${max} characters`)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'expected text without NUL characters and halves of characters',
    )
}

/** Text as a person or a program writes it. */
export const text = (max: number) => storable(z.string().trim().min(1, 'expected some text'), max)

/** Text that is taken as it is: blanks count, and it may be empty. */
export const exactText = (max: number) => storable(z.string(), max)

/** A point in time with its zone; in UTC behind this line, because Postgres knows fewer zones than ISO 8601 allows. */
export const instant = z.iso
  .datetime({ offset: true, error: 'expected a time with its zone: 2024-05-01T10:20:00Z' })
  .transform((time) => new Date(time).toISOString())
  .refine(isUsualTime, 'expected a time from 1900 to 9998, in UTC')

/** What happened in a time: from `since` on, before `until`. */
export const timeRange = { since: instant.optional(), until: instant.optional() }

/** The pair of systems that is meant; may be left out where there is only one. */
export const PairName = text(100)
export const MappingName = text(100)

/** A connection there is: that of a pair is called after it, which may have blanks in its name. */
export const ConnectionName = text(200)

/** A name that can stand in logs and commands, as the use cases want it. */
export const PlainName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/,
    'expected up to 50 letters, digits, dots, hyphens and underscores',
  )

/** Why, for the people who read the audit log. */
export const Reason = text(500)

/** The id by which the next page is asked for, or null on the last one. */
export function nextPage(rows: readonly { readonly id: number }[], limit: number): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null)
}
