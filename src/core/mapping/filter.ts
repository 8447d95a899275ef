import type { Value } from '../values/value.ts'

/** A literal as a person writes it: text, true/false, or a number kept as its digits. */
export type Literal = string | boolean | { readonly number: string }

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='
/** What holds of two values where the comparison does not. */
export const opposite: Readonly<Record<Comparison, Comparison>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

export type TextTest = 'begins with' | 'contains'

/**
 * A filter on one record, as stored in JSON. Two-valued: a comparison with a null field is false, except `<>`, which
 * is true; `not` is the exact complement. Text compares by code point; code fields compare upper-cased and trimmed.
 */
export type Filter<L = Literal> =
  | { readonly and: readonly Filter<L>[] }
  | { readonly or: readonly Filter<L>[] }
  | { readonly not: Filter<L> }
  | { readonly field: string; readonly op: Comparison | TextTest; readonly value: L }
  | { readonly field: string; readonly op: 'in'; readonly values: readonly L[] }
  | { readonly field: string; readonly op: 'is null' | 'is not null' }

/** A filter whose literals have been converted to the canonical values of the fields' types. */
export type BoundFilter = Filter<NonNullable<Value>>
