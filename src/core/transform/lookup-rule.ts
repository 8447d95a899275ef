import { type Conversion, converted, refused } from '../values/conversion.ts'
import { rawOf, text, type Value } from '../values/value.ts'
import type { Rule } from './rule.ts'

/** A table of texts. It leads back when every result stands for one text only and nothing else is let through. */
export function lookupRule({
  values,
  otherwise,
}: {
  values: Readonly<Record<string, string>>
  otherwise?: string | undefined
}): Rule {
  const forward = new Map(Object.entries(values))
  const back = new Map([...forward].map(([from, to]) => [to, from]))
  const isOneToOne = otherwise === undefined && back.size === forward.size
  return {
    forward: (value) => lookUp(forward, value, otherwise),
    back: isOneToOne ? (value) => lookUp(back, value, undefined) : null,
  }
}

function lookUp(
  table: ReadonlyMap<string, string>,
  value: NonNullable<Value>,
  otherwise: string | undefined,
): Conversion {
  const found = table.get(rawOf(value)) ?? otherwise
  return found === undefined
    ? refused('OPTION_NOT_MAPPED', value, 'has no entry in the lookup table')
    : converted(text(found))
}
