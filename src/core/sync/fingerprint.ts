import { hash } from 'node:crypto'
import type { Values } from '../values/value.ts'

/**
 * Fingerprint of the given fields of a record, in the order given: equal fingerprints mean equal values. Values cannot
 * contain NUL, so it separates them safely; null and the text "null" differ because texts carry their tag.
 */
export function fingerprint(values: Values, fields: readonly string[]): string {
  const texts = fields.map((field) => values[field])
  return hash('sha1', texts.join('\u0000'), 'base64')
}
