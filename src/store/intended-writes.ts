import { z } from 'zod'
import type { IntendedWrite } from '../core/ports/sync-store.ts'
import type { Value, Values } from '../core/values/value.ts'
import { CanonicalValue } from './json.ts'

const PackedWrite = z.tuple([
  z.string(), // source key
  z.string(), // source version
  z.int(), // field set of the source values
  z.array(CanonicalValue),
  z.string().nullable(), // destination key
  z.string().nullable(), // token
  z.string().nullable(), // expected version
  z.int(), // field set of the values
  z.array(CanonicalValue),
])
/** By the number of the write; most intents have none. */
const PackedDeletions = z.record(
  z.string(),
  z.strictObject({ side: z.enum(['local', 'remote']), kind: z.enum(['delete', 'archive']) }),
)
const PackedWrites = z.strictObject({
  fieldSets: z.array(z.array(z.string())),
  writes: z.array(PackedWrite),
  deletions: PackedDeletions.optional(),
})
type PackedWrites = z.infer<typeof PackedWrites>

/**
 * The writes of a page intent as they are stored: each list of field names once, because an intent precedes every write
 * and names repeated for each record would be half of what is sent.
 */
export function packIntendedWrites(writes: readonly IntendedWrite[]): PackedWrites {
  const fieldSets: string[][] = []
  const findSourceSet = createFieldSetFinder(fieldSets)
  const findSet = createFieldSetFinder(fieldSets)
  const deletions = writes.flatMap(({ deletion }, index) => (deletion ? [[index, deletion] as const] : []))
  return {
    fieldSets,
    ...(deletions.length > 0 && { deletions: Object.fromEntries(deletions) }),
    writes: writes.map((write) => [
      write.sourceKey,
      write.sourceVersion,
      findSourceSet(write.sourceValues),
      Object.values(write.sourceValues),
      write.destinationKey,
      write.token,
      write.expectedVersion,
      findSet(write.values),
      Object.values(write.values),
    ]),
  }
}

/** Number of the field set of some values. Two records in a row mostly share theirs, which is then found by comparing. */
function createFieldSetFinder(fieldSets: string[][]): (values: Values) => number {
  const numbers = new Map<string, number>()
  let last: { readonly fields: readonly string[]; readonly number: number } | null = null
  return (values) => {
    const fields = Object.keys(values)
    if (last && isSame(fields, last.fields)) return last.number
    const name = JSON.stringify(fields)
    const number = numbers.get(name) ?? fieldSets.push(fields) - 1
    numbers.set(name, number)
    last = { fields, number }
    return number
  }
}

function isSame(fields: readonly string[], others: readonly string[]): boolean {
  return fields.length === others.length && fields.every((field, index) => field === others[index])
}

/** The inverse; throws when the document is not one of ours. */
export function parseIntendedWrites(raw: unknown): readonly IntendedWrite[] {
  const { fieldSets, writes, deletions = {} } = PackedWrites.parse(raw)
  return writes.map((packed, index) => {
    const [sourceKey, sourceVersion, sourceSet, sourceValues, destinationKey, token, ...rest] = packed
    const [expectedVersion, set, values] = rest
    const deletion = deletions[String(index)]
    return {
      sourceKey,
      sourceVersion,
      sourceValues: unpack(fieldSets[sourceSet], sourceValues),
      destinationKey,
      token,
      expectedVersion,
      values: unpack(fieldSets[set], values),
      ...(deletion && { deletion }),
    }
  })
}

function unpack(fields: readonly string[] | undefined, values: readonly Value[]): Values {
  if (fields?.length !== values.length)
    throw new TypeError('A stored intent has not as many values as fields')
  return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? null]))
}
