import type { ErrorCode } from '../errors.ts'
import type { Conversion } from '../values/conversion.ts'
import type { FieldChoice, FieldConflict } from './issue.ts'
import { newerSide } from './settle-conflict.ts'

/** What somebody wants to be taken for a field in conflict; `text` as they have typed it for the local field. */
export type FieldWish =
  | { readonly take: 'local' | 'remote' | 'newest' }
  | { readonly take: 'value'; readonly text: string }

/** A wish for all fields, and wishes for single ones by their local or remote name, which go before it. */
export interface ConflictWish {
  readonly all: FieldWish | null
  readonly byField: ReadonlyMap<string, FieldWish>
}

/** What was wished without what somebody has typed: that is a value of a record, and not for the audit log. */
export function withoutValues({ all, byField }: ConflictWish): Readonly<Record<string, unknown>> {
  const fields = [...byField].map(([name, { take }]) => [name, take])
  return { all: all?.take ?? null, fields: Object.fromEntries(fields) }
}

export type Chosen =
  | { readonly kind: 'chosen'; readonly choices: readonly FieldChoice[] }
  /** Nothing was said about this field, and a record is decided as a whole. */
  | { readonly kind: 'unanswered'; readonly field: string }
  /** `message` names the value that was typed. */
  | { readonly kind: 'invalid'; readonly field: string; readonly code: ErrorCode; readonly message: string }

/** Turns a wish into a choice for every field of a conflict, good for the values the conflict shows. */
export function chooseValues(
  conflicts: readonly FieldConflict[],
  wish: ConflictWish,
  parse: (conflict: FieldConflict, text: string) => Conversion,
): Chosen {
  const choices: FieldChoice[] = []
  for (const conflict of conflicts) {
    const { local, remote } = conflict
    const wanted = wish.byField.get(local.field) ?? wish.byField.get(remote.field) ?? wish.all
    if (wanted === null) return { kind: 'unanswered', field: local.field }
    const seen = {
      local: { field: local.field, seen: local.value },
      remote: { field: remote.field, seen: remote.value },
    }
    if (wanted.take !== 'value') {
      const take = wanted.take === 'newest' ? newerSide(local.modifiedAt, remote.modifiedAt) : wanted.take
      choices.push({ ...seen, take, value: null })
      continue
    }
    const parsed = parse(conflict, wanted.text)
    if (!parsed.ok) return { kind: 'invalid', field: local.field, ...parsed.problem }
    choices.push({ ...seen, take: 'value', value: parsed.value })
  }
  return { kind: 'chosen', choices }
}
