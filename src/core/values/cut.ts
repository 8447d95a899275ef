import type { FieldType } from '../mapping/schema.ts'
import { normaliseCode } from './code.ts'
import { rawOf, text, type Value } from './value.ts'

/** A text cut to the characters the field takes, never into the middle of one; anything else as it is. */
export function cutToFit(value: Value, target: FieldType): Value {
  const isText = target.kind === 'text' || target.kind === 'code'
  if (!isText || target.maxLength === null || value?.startsWith('text:') !== true) return value
  const raw = target.kind === 'code' ? normaliseCode(rawOf(value)) : rawOf(value)
  if (raw.length <= target.maxLength) return text(raw)
  const cut = Array.from(raw).slice(0, target.maxLength).join('')
  return text(target.kind === 'code' ? normaliseCode(cut) : cut)
}
