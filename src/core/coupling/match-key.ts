import type { CompiledMapping, MatchGroup } from '../mapping/compile.ts'
import type { Side } from '../mapping/definition.ts'
import { convertValue } from '../values/convert.ts'
import { isBlank, rawOf, tagOf, type Value, type Values } from '../values/value.ts'
import { normaliseMatch } from './normalise.ts'

/**
 * A record's match values of one group in the types of side `to`, normalised; null when one is blank or cannot exist
 * there: a group is compared as a whole or not at all.
 */
export function matchValues(
  mapping: CompiledMapping,
  group: MatchGroup,
  values: Values,
  from: Side,
  to: Side,
): readonly NonNullable<Value>[] | null {
  const found: NonNullable<Value>[] = []
  for (const field of group.fields) {
    const value = values[field[from]] ?? null
    const type = mapping[to].schema.fields.get(field[to])?.type
    if (value === null || isBlank(value) || type === undefined) return null
    const converted = from === to ? { ok: true as const, value } : convertValue(value, type)
    if (!converted.ok || converted.value === null) return null
    const normalised = normaliseMatch(converted.value, field.normalise)
    if (isBlank(normalised)) return null
    found.push(normalised)
  }
  return found
}
/** One text that two records of either side share exactly when they match in the group; null as `matchValues`. */
export function matchKey(
  mapping: CompiledMapping,
  group: MatchGroup,
  values: Values,
  side: Side,
): string | null {
  const found = matchValues(mapping, group, values, side, 'remote')
  if (found === null) return null
  return JSON.stringify(
    found.map((value, index) =>
      group.fields[index]?.caseSensitive || tagOf(value) !== 'text' ? value : rawOf(value).toLowerCase(),
    ),
  )
}
