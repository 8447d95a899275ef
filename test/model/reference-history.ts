import type { Coupling } from '../../src/core/coupling/coupling.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { Issue } from '../../src/core/sync/issue.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { Act } from './people.ts'
import type { Edit, Ending, FieldHistory } from './reference-field.ts'
import type { FieldRule } from './scenario.ts'

/** `isLate`: Couplet was at work already. */
export interface LateAct extends Act {
  readonly isLate: boolean
}

export function editOf(act: LateAct, field: string): readonly Edit[] {
  const { at, isLate, kind, before, stored, values } = act
  if (kind === 'delete' || (kind === 'edit' && values[field] === undefined)) return []
  return [{ at, isLate, value: stored[field] ?? null, before: before[field] ?? null }]
}

export function pick(values: Values, fields: readonly string[]): Values {
  return Object.fromEntries(fields.map((field) => [field, values[field] ?? null]))
}

/** Agreed: what is there now is what the next change is measured by. A drift without a say is still to be found. */
export function settled(
  rule: FieldRule,
  now: Readonly<Record<Side, Value>>,
  history: FieldHistory,
): FieldHistory {
  if (rule.flows === 'both') return { agreed: now, edits: { local: [], remote: [] } }
  const target = rule.flows === 'to' ? 'remote' : 'local'
  const drift = history.edits[target].slice(-1).filter(({ value }) => value === now[target])
  return { agreed: now, edits: { local: [], remote: [], [target]: drift } }
}

/** What is still open has been seen by now: the next look at it finds it as it stands. */
export function prompt(history: FieldHistory, since: Ending['since'], { strategy }: FieldRule): FieldHistory {
  const { agreed, edits } = since ?? history
  const seen = (side: Side) =>
    // Of changes that are added up each one counts.
    edits[side].slice(strategy === 'sum of changes' ? 0 : -1).map((edit) => ({ ...edit, isLate: false }))
  return { agreed, edits: { local: seen('local'), remote: seen('remote') } }
}

export function describe(
  rule: FieldRule,
  { local, remote }: Coupling,
  { agreed, edits }: FieldHistory,
  now: Readonly<Record<Side, Value>>,
  endings: readonly Ending[],
  open: readonly Issue[],
): string {
  const show = (list: readonly Edit[]) =>
    list.map(({ value, isLate }) => `${value}${isLate ? ' (late)' : ''}`).join(', ')
  const expected = endings.map((each) => `${each.local} | ${each.remote} (${each.kind})`).join(' or ')
  return [
    `P4/P5: field ${rule.local} of ${local.key} and ${remote.key} is ${now.local} | ${now.remote}`,
    `must be ${expected}`,
    `agreed ${agreed ? `${agreed.local} | ${agreed.remote}` : 'never'}, since then local: ${show(edits.local)}; remote: ${show(edits.remote)}`,
    `issues: ${open.map(({ direction, code }) => `${code} (${direction})`).join(', ') || 'none'}`,
  ].join('\n    ')
}
