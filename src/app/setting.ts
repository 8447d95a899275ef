import { z } from 'zod'
import { SyncError, toSyncError } from '../core/errors.ts'
import { parseQueueUrl } from '../queue/queue-url.ts'

/** One setting: everything the program, the documentation and an error message need to know about it. */
export interface Setting<T> {
  readonly variable: string
  /** What it does, for docs/configuration.md. */
  readonly doc: string
  /** As a person would write it; the empty text means "not set". */
  readonly default: string
  /** What to do when the value is refused. */
  readonly remedy: string
  /** Its value is never shown. */
  readonly secret: boolean
  readonly schema: z.ZodType<T, string>
}

/** A setting; the default must itself be a value that the schema accepts. */
export function setting<T>(
  parts: Omit<Setting<T>, 'secret' | 'remedy'> & { secret?: boolean; remedy?: string },
): Setting<T> {
  const remedy =
    parts.remedy ??
    (parts.default ? `Correct it, or remove it to use ${parts.default}.` : 'Correct it, or remove it.')
  return { ...parts, secret: parts.secret ?? false, remedy }
}

/** A whole number in plain digits, both limits allowed. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  const message = `expected a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,12}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
}

/** As `wholeNumber`; null when not set. */
export function optionalWholeNumber(min: number, max: number): z.ZodType<number | null, string> {
  return z.union([z.literal('').transform(() => null), wholeNumber(min, max)])
}

/** An address with one of the given schemes and a host; null when not set. */
export function address(...schemes: string[]): z.ZodType<string | null, string> {
  const expected = `expected an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
  return z.string().transform((raw, context) => {
    if (raw === '') return null
    const url = URL.canParse(raw) ? new URL(raw) : null
    // The folder of a socket stands in the query.
    const host = url?.hostname || url?.searchParams.get('host')
    if (url && schemes.includes(url.protocol.slice(0, -1)) && host) return raw
    context.addIssue({ code: 'custom', message: host ? expected : `${expected} and names a host` })
    return z.NEVER
  })
}

/** An http(s) address without user, query and fragment; null when not set. */
export function webAddress(): z.ZodType<URL | null, string> {
  return z.string().transform((raw, context) => {
    if (raw === '') return null
    const url = URL.canParse(raw) ? new URL(raw) : null
    const isPlain = url && !url.username && !url.password && !url.search && !url.hash
    if (url && isPlain && /^https?:$/.test(url.protocol)) return url
    context.addIssue({ code: 'custom', message: 'expected an address that begins with https:// or http://' })
    return z.NEVER
  })
}

/** An address of a queue server in any form that `parseQueueUrl` knows; null when not set. */
export function queueAddress(): z.ZodType<string | null, string> {
  const postgres = address('postgres', 'postgresql')
  return z.string().transform((raw, context) => {
    if (raw === '') return null
    try {
      if (parseQueueUrl(raw, 'it').kind !== 'postgres' || postgres.safeParse(raw).success) return raw
      throw new SyncError('CONFIG_INVALID', 'it is no address of a Postgres database')
    } catch (error) {
      context.addIssue({ code: 'custom', message: toSyncError(error).message })
      return z.NEVER
    }
  })
}

export function oneOf<const T extends string>(...words: readonly T[]): z.ZodType<T, string> {
  return z.string().transform((raw, context) => {
    const word = words.find((candidate) => candidate === raw)
    if (word !== undefined) return word
    context.addIssue({ code: 'custom', message: `expected one of: ${words.join(', ')}` })
    return z.NEVER
  })
}

/** Text that matches the pattern; `expected` completes "expected …". */
export function textLike(pattern: RegExp, expected: string): z.ZodType<string, string> {
  return z.string().regex(pattern, `expected ${expected}`)
}
