import { converted } from '../values/conversion.ts'
import { isBlank, rawOf, text } from '../values/value.ts'
import type { Rule } from './rule.ts'

/** The value and further fields of the record, in this order, without the blank ones. */
export function concatRule({ fields, separator }: { fields: readonly string[]; separator: string }): Rule {
  return {
    takesBlank: true,
    back: null,
    forward: (value, record) => {
      const parts = [value, ...fields.map((field) => record[field] ?? null)]
      const texts = parts.filter((part) => !isBlank(part)).map(rawOf)
      return converted(text(texts.join(separator)))
    },
  }
}

/** One part of a text; several field mappings of one source field take one part each. */
export function splitRule(settings: { separator: string; part: number; rest: boolean }): Rule {
  const { separator, part, rest } = settings
  return {
    back: null,
    forward: (value) => {
      const parts = rawOf(value).split(separator)
      const found = rest ? parts.slice(part - 1).join(separator) : (parts[part - 1] ?? '')
      return converted(text(found))
    },
  }
}
