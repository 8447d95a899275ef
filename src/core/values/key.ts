import { displayValue, rawOf, type Value } from './value.ts'

/**
 * The key of a record in its one canonical form: the canonical values of the key fields in the order of the table
 * schema, joined by `|` (`\` and `|` inside a value are escaped by `\`). Compared and stored as text.
 */
export type RecordKey = string

/** Builds a key; no part may be null (a record without a complete key cannot be coupled). */
export function encodeKey(parts: readonly Value[]): RecordKey {
  return parts.length === 1 ? escaped(parts[0] ?? null) : parts.map(escaped).join('|')
}

function escaped(part: Value): string {
  if (part === null) throw new RangeError('A key part is null')
  return part.includes('|') || part.includes('\\') ? part.replace(/[\\|]/g, '\\$&') : part
}

/** The parts of a key that `encodeKey` has built. */
export function decodeKey(key: RecordKey): NonNullable<Value>[] {
  if (!key.includes('\\')) return key.split('|') as NonNullable<Value>[]
  const parts: string[] = ['']
  for (let index = 0; index < key.length; index += 1) {
    const character = key[index]
    if (character === '|') parts.push('')
    else {
      if (character === '\\') index += 1
      parts[parts.length - 1] += key[index] ?? ''
    }
  }
  return parts as NonNullable<Value>[]
}

/** How a key is shown to people and typed by them: the bare values, joined by a comma. */
export function displayKey(key: RecordKey): string {
  return decodeKey(key)
    .map((part) => (part.startsWith('text:') ? rawOf(part) : displayValue(part)))
    .join(',')
}
