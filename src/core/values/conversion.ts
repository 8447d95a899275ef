import type { ErrorCode } from '../errors.ts'
import { displayValue, type Value } from './value.ts'

interface ConversionProblem {
  readonly code: Extract<ErrorCode, 'VALUE_NOT_CONVERTIBLE' | 'VALUE_TRUNCATED'>
  /** Names the value and the reason, not the field: the caller knows it. */
  readonly message: string
}

/** A value in the form of the destination's type, or why it has none. Nothing is ever cut or rounded. */
export type Conversion =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: ConversionProblem }

export function converted(value: Value): Conversion {
  return { ok: true, value }
}

export function notConvertible(value: Value, reason: string): Conversion {
  return refuse('VALUE_NOT_CONVERTIBLE', `${shortened(value)} ${reason}`)
}

export function tooLong(value: Value, length: number, maxLength: number): Conversion {
  const reason = `has ${length} characters, but the field takes ${maxLength}`
  return refuse('VALUE_TRUNCATED', `${shortened(value)} ${reason}`)
}

function refuse(code: ConversionProblem['code'], message: string): Conversion {
  return { ok: false, problem: { code, message } }
}

/** Long values are shown by their beginning, and never end in half a character. */
export function shortened(value: Value): string {
  const shown = displayValue(value)
  return shown.length <= 80 ? shown : `${Array.from(shown).slice(0, 79).join('')}…`
}
