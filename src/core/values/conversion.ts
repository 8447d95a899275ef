import type { ErrorCode } from '../errors.ts'
import { displayValue, type Value } from './value.ts'

interface ConversionProblem {
  readonly code: Extract<
    ErrorCode,
    'VALUE_NOT_CONVERTIBLE' | 'VALUE_TRUNCATED' | 'OPTION_NOT_MAPPED' | 'TRANSFER_FAILED'
  >
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
  return refused('VALUE_NOT_CONVERTIBLE', value, reason)
}

export function tooLong(value: Value, length: number, maxLength: number): Conversion {
  return refused('VALUE_TRUNCATED', value, `has ${length} characters, but the field takes ${maxLength}`)
}

/** The message is the value, shortened, followed by the reason. */
export function refused(code: ConversionProblem['code'], value: Value, reason: string): Conversion {
  return { ok: false, problem: { code, message: `${shortened(value)} ${reason}` } }
}

/** A value as messages show it: a long one by its beginning, and never with half a character at the end. */
export function shortened(value: Value): string {
  const shown = displayValue(value)
  return shown.length <= 80 ? shown : `${Array.from(shown).slice(0, 79).join('')}…`
}
