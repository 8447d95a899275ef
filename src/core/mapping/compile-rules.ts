import { SyncError } from '../errors.ts'
import type { RequirementDefinition } from './definition.ts'
import type { BoundFilter } from './filter.ts'
import { bindFilter, filterFields } from './filter-bind.ts'
import { parseFilter } from './filter-text.ts'
import type { TableSchema } from './schema.ts'

/** A `require` rule bound to its table. */
export interface Requirement {
  readonly filter: BoundFilter
  readonly code: RequirementDefinition['code']
  readonly message: string
  /** The first field the rule looks at: the one that is named when it is not met. */
  readonly field: string
}

/** The filter bound to the table, null when there is none. Throws when it does not fit: validation comes before. */
export function compileFilter(text: string | undefined, schema: TableSchema): BoundFilter | null {
  return text === undefined || text.trim() === '' ? null : bindText(text, schema)
}

/** Throws when the rule does not fit the table: validation comes before. */
export function compileRequirement(rule: RequirementDefinition, schema: TableSchema): Requirement {
  const filter = bindText(rule.filter, schema)
  return {
    filter,
    code: rule.code,
    message: rule.message ?? `does not meet the requirement ${rule.filter}`,
    field: filterFields(filter)[0] ?? '',
  }
}

function bindText(text: string, schema: TableSchema): BoundFilter {
  const parsed = parseFilter(text)
  if (!parsed.ok) throw new SyncError(parsed.problem.code, parsed.problem.message)
  const bound = bindFilter(parsed.filter, schema.fields)
  if (!bound.ok) throw new SyncError('FILTER_INVALID', bound.problems.map((each) => each.message).join('; '))
  return bound.filter
}
