import { z } from 'zod'

/** Parts that many answers share. Objects are open to further fields, so that clients outlive newer servers. */

/** ISO 8601, in UTC, with microseconds. */
export const Instant = z.string()
export const MaybeInstant = Instant.nullable()

/** Of a row; grows with time. */
export const Id = z.int()

/** `next`: the `before` of the next page, or null on the last one. */
export const NextPage = z.int().nullable()

/** Text that begins with its type (`text:Contoso`, `dec:12.5`), so that no digit is lost; or null. */
export const FieldValue = z
  .string()
  .nullable()
  .meta({ description: 'Text that begins with its type (text:Contoso, dec:12.5), or null' })

export const Failure = z.object({ code: z.string(), message: z.string() }).nullable()

/** `to` the remote side, or `from` there. */
export const Direction = z.enum(['to', 'from'])
export const Side = z.enum(['local', 'remote'])

/** A key as people write it: the parts of a composite key by comma. */
export const Key = z.string()
export const MaybeKey = Key.nullable()

export const FieldChange = z
  .object({ field: z.string(), before: FieldValue, after: FieldValue })
  .meta({ id: 'FieldChange' })
