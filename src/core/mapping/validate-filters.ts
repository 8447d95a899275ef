import type { Side, SideDefinition } from './definition.ts'
import { bindFilter } from './filter-bind.ts'
import { parseFilter } from './filter-text.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { TableSchema } from './schema.ts'

/** A filter and the place of the definition where it stands. */
interface PlacedFilter {
  readonly path: string
  readonly text: string
}

/** Every filter of a side: which records take part, which are left alone, what is required. */
function filtersOf({ filter, ignore, require }: SideDefinition, side: Side): readonly PlacedFilter[] {
  const named = Object.entries({ filter, ignore }).flatMap(([option, text = '']) =>
    text.trim() === '' ? [] : [{ path: `${side}.${option}`, text }],
  )
  const required = (require ?? []).map((rule, index) => ({
    path: `${side}.require[${index}].filter`,
    text: rule.filter,
  }))
  return [...named, ...required]
}

/** Filters that cannot be read, whatever the table looks like. */
export function checkFilterTexts(definition: SideDefinition, side: Side): readonly MappingProblem[] {
  return filtersOf(definition, side).flatMap(checkFilterText)
}

export function checkFilterText({ path, text }: PlacedFilter): readonly MappingProblem[] {
  const parsed = parseFilter(text)
  return parsed.ok ? [] : [mappingProblem('FILTER_INVALID', path, text, parsed.problem.message)]
}

/** Filters that do not fit the table: unknown fields, values of another type. */
export function checkFilterFields(
  definition: SideDefinition,
  side: Side,
  schema: TableSchema,
): readonly MappingProblem[] {
  return filtersOf(definition, side).flatMap((filter) => checkFilterFit(filter, schema))
}

export function checkFilterFit({ path, text }: PlacedFilter, schema: TableSchema): readonly MappingProblem[] {
  const parsed = parseFilter(text)
  const bound = parsed.ok ? bindFilter(parsed.filter, schema.fields) : null
  if (bound === null || bound.ok) return []
  return bound.problems.map(({ code, message }) => mappingProblem(code, path, text, message))
}
