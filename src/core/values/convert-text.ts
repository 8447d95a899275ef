/// <reference lib="es2024.string" />
import type { FieldType } from '../mapping/schema.ts'
import { normaliseCode } from './code.ts'
import { type Conversion, converted, notConvertible, tooLong } from './conversion.ts'
import { rawOf, text, type Value } from './value.ts'

type TextType = Extract<FieldType, { kind: 'text' | 'code' }>

/**
 * Every value has a text, its canonical form; as a code it would lose the case of JSON and base64. Characters that no
 * destination can store are refused.
 */
export function toText(value: NonNullable<Value>, target: TextType): Conversion {
  const isText = value.startsWith('text:')
  if (target.kind === 'text') return checkText(isText ? value : text(rawOf(value)), target.maxLength)
  if (value.startsWith('json:') || value.startsWith('bytes:')) {
    return notConvertible(value, 'would lose its lower case letters in a code')
  }
  const raw = rawOf(value)
  const code = normaliseCode(raw)
  return checkText(isText && code === raw ? value : text(code), target.maxLength)
}

const tagLength = 'text:'.length

/** The usual case: a text every destination can store, and short enough whatever its characters are. False says nothing. */
export function isPlainText(value: NonNullable<Value>, { kind, maxLength }: TextType): boolean {
  return (
    kind === 'text' &&
    value.startsWith('text:') &&
    (maxLength === null || value.length - tagLength <= maxLength) &&
    !value.includes('\0') &&
    value.isWellFormed()
  )
}

function checkText(value: Value, maxLength: number | null): Conversion {
  if (value === null) return converted(value)
  if (value.includes('\0'))
    return notConvertible(value.replaceAll('\0', '␀') as Value, 'holds the character U+0000')
  if (!value.isWellFormed())
    return notConvertible(value.toWellFormed() as Value, 'holds half of a surrogate pair')
  // A character is one or two code units, so only a text with more units than characters allowed has to be counted.
  if (maxLength !== null && value.length - tagLength > maxLength) {
    const length = countCharacters(value) - tagLength
    if (length > maxLength) return tooLong(value, length, maxLength)
  }
  return converted(value)
}

function countCharacters(wellFormed: string): number {
  let count = 0
  for (let index = 0; index < wellFormed.length; index += 1) {
    const unit = wellFormed.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdbff) count += 1
  }
  return count
}
