import type { MappingDefinition, Side, SideDefinition } from './definition.ts'
import { filterFields } from './filter-bind.ts'
import { parseFilter } from './filter-text.ts'
import { joinedFields } from './transform-way.ts'

/** Every field of that side that a mapping names, in whatever place: what it reads, writes, filters and matches by. */
export function mappedFields(definition: MappingDefinition, side: Side): ReadonlySet<string> {
  const { fields, templates, archive } = definition
  const { keyFields = [], modifiedField, versionField, referenceField } = definition[side]
  const names = [
    ...keyFields,
    ...[modifiedField, versionField, referenceField, archive?.[side]?.field],
    ...fields.flatMap((field) => (field.enabled ? [field[side], ...joinedFields(field, side)] : [])),
    ...templates.flatMap((template) =>
      template.side === side ? Object.keys(template.values) : namesOf(template.filter),
    ),
    ...sideFilters(definition[side]).flatMap(namesOf),
  ]
  return new Set(names.filter((name) => name !== undefined))
}

function sideFilters({ filter, ignore, require = [] }: SideDefinition): readonly (string | undefined)[] {
  return [filter, ignore, ...require.map((rule) => rule.filter)]
}

function namesOf(filter: string | undefined): readonly string[] {
  const parsed = filter === undefined || filter.trim() === '' ? null : parseFilter(filter)
  return parsed?.ok ? filterFields(parsed.filter) : []
}
