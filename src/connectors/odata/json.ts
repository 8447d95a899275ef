import { parse, stringify } from 'lossless-json'

/** A number of JSON with more digits than a JavaScript number keeps. */
export class ExactNumber {
  /** As it stands in the JSON text. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** JSON.stringify has no words for it; `stringifyJson` has. */
  toJSON(): never {
    throw new ExactNumberMet()
  }
}

class ExactNumberMet extends Error {}

export type JsonNumber = number | ExactNumber
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/**
 * A number that JSON.parse might change: more than 15 digits in a row (a point apart), or an exponent of three digits.
 * Below that every decimal comes back from a JavaScript number as it was. Also finds such digits in some texts, which
 * only costs time. Linear: each repetition is bounded.
 */
const longNumber = /(?:^|[\s:,[])-?(?:(?:\d\.?){16}|[\d.]{1,16}[eE][+-]?\d{3})/

/** JSON with every number kept exactly. Throws SyntaxError. */
export function parseJson(text: string): Json {
  if (!longNumber.test(text)) return JSON.parse(text) as Json
  return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue }) as Json
}

function parseNumber(text: string): JsonNumber {
  return longNumber.test(text) ? new ExactNumber(text) : Number(text)
}

/** JSON text; exact numbers are written digit by digit. Most bodies hold none, and are not looked through for one. */
export function stringifyJson(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof ExactNumberMet)) throw error
    return stringify(value, undefined, undefined, [exactNumbers]) ?? 'null'
  }
}

const exactNumbers = {
  test: (value: unknown) => value instanceof ExactNumber,
  stringify: (value: unknown) => (value as ExactNumber).text,
}

/** A number for a JSON body, from its digits; throws RangeError where they are no JSON number. */
export function jsonNumber(digits: string): JsonNumber {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) throw new RangeError(`Not a number: ${digits}`)
  return parseNumber(digits)
}

/** The digits of a number, exact, perhaps with an exponent; null for anything else. */
export function numberText(value: Json | undefined): string | null {
  if (value instanceof ExactNumber) return value.text
  return typeof value === 'number' ? String(value) : null
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  const isObject = typeof value === 'object' && value !== null
  return isObject && !Array.isArray(value) && !(value instanceof ExactNumber)
}
