import type { Issue } from '../../src/core/sync/issue.ts'
import type { Values } from '../../src/core/values/value.ts'
import type { Acts } from './reference-acts.ts'
import type { Single } from './reference-couple.ts'
import { pick } from './reference-history.ts'

const directionFrom = { local: 'to', remote: 'from' } as const

/** A record that nobody has coupled is as its users left it; one that was to get a partner is told of when it has none. */
export function compareSingle(
  { side, key, mustBeCreated }: Single,
  values: Values,
  acts: Acts,
  issues: readonly Issue[],
  mustBeFound: boolean,
): readonly string[] {
  const done = acts.on(side, new Set([key]))
  // A creation that arrives after its users have deleted what an earlier try had made.
  if (done.some(({ kind }) => kind === 'delete')) return []
  const given: Values = Object.assign(
    {},
    ...done.map(({ stored, values: set }) => pick(stored, Object.keys(set))),
  )
  const complaints = Object.entries(given)
    .filter(([field, value]) => values[field] !== value)
    .map(
      ([field, value]) =>
        `${side} ${key}.${field} is ${values[field]} and not ${value}, although it is not coupled`,
    )
  const isTold = issues.some((issue) => issue.key === key && issue.direction === directionFrom[side])
  return mustBeCreated && mustBeFound && !isTold
    ? [...complaints, `P4: ${side} ${key} has no counterpart, and nobody is told`]
    : complaints
}
