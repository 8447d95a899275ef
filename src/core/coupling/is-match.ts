import type { MatchRequest } from '../ports/connector.ts'
import { rawOf, type Value, type Values } from '../values/value.ts'
import { normaliseMatch } from './normalise.ts'

/** Whether a record is what `ConnectedTable.findByMatch` looks for: each match field, normalised, equals the candidate's value. */
export function isMatch(
  values: Values,
  matchFields: MatchRequest['matchFields'],
  candidate: readonly NonNullable<Value>[],
): boolean {
  return matchFields.every(({ field, caseSensitive, normalise = [] }, index) => {
    const stored = values[field] ?? null
    const wanted = candidate[index] ?? null
    if (stored === null || wanted === null) return false
    const found = normaliseMatch(stored, normalise)
    return found === wanted || (!caseSensitive && rawOf(found).toLowerCase() === rawOf(wanted).toLowerCase())
  })
}
