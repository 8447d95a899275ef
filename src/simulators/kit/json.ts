import { parse } from 'lossless-json'
import { HttpProblem } from './http.ts'

/** A number as it stood in the document: nothing is rounded. */
export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type JsonValue = string | boolean | null | NumberText | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** Reads a JSON object with exact numbers; anything else is refused with status 400 and this code. */
export function parseJsonObject(text: string, code: string): JsonObject {
  let value: unknown
  try {
    value = parse(text, undefined, (number) => new NumberText(number))
  } catch (error) {
    throw new HttpProblem(400, code, `The body is not valid JSON: ${(error as Error).message}`)
  }
  if (!isJsonObject(value as JsonValue)) throw new HttpProblem(400, code, 'The body must be a JSON object.')
  return value as JsonObject
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  )
}
