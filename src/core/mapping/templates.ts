import { SyncError } from '../errors.ts'
import { parseLiteral } from '../values/convert.ts'
import type { Values } from '../values/value.ts'
import { compileFilter } from './compile-rules.ts'
import type { Side, Template } from './definition.ts'
import type { BoundFilter } from './filter.ts'
import { matchesFilter } from './filter-match.ts'
import type { TableSchema } from './schema.ts'

/** A template bound to the two tables; its values are in the types of the destination. */
export interface CompiledTemplate {
  readonly name: string
  /** On the source record; null matches everything. */
  readonly filter: BoundFilter | null
  readonly sourceFields: TableSchema['fields']
  readonly values: Values
  readonly overwrite: boolean
}

/** The templates for records created on `side`, the preferred ones first. Throws where validation would have refused. */
export function compileTemplates(
  templates: readonly Template[],
  side: Side,
  schemas: { readonly local: TableSchema; readonly remote: TableSchema },
): readonly CompiledTemplate[] {
  const source = schemas[side === 'local' ? 'remote' : 'local']
  return templates
    .filter((template) => template.side === side)
    .sort((a, b) => a.priority - b.priority)
    .map((template) => ({
      name: template.name,
      filter: compileFilter(template.filter, source),
      sourceFields: source.fields,
      values: compileValues(allValues(template, templates), schemas[side]),
      overwrite: template.overwrite,
    }))
}

/** The values of a new record completed by the first template whose filter matches its source. */
export function applyTemplate(
  templates: readonly CompiledTemplate[],
  source: Values,
  values: Values,
): Values {
  const chosen = templates.find(
    ({ filter, sourceFields }) => filter === null || matchesFilter(filter, source, sourceFields),
  )
  if (chosen === undefined) return values
  return chosen.overwrite ? { ...values, ...chosen.values } : { ...chosen.values, ...values }
}

/** The template that another one is based on; undefined when there is none of that name and side. */
export function findBase(template: Template, templates: readonly Template[]): Template | undefined {
  return templates.find(({ name, side }) => name === template.basedOn && side === template.side)
}

/** The own values and those of the templates it is based on; each of them once, so that a circle ends. */
export function allValues(
  template: Template,
  templates: readonly Template[],
): Readonly<Record<string, string>> {
  const seen = new Set<Template>()
  const values: Record<string, string> = {}
  for (let next: Template | undefined = template; next && !seen.has(next); next = findBase(next, templates)) {
    seen.add(next)
    for (const [field, value] of Object.entries(next.values)) values[field] ??= value
  }
  return values
}

function compileValues(values: Readonly<Record<string, string>>, schema: TableSchema): Values {
  const entries = Object.entries(values).map(([name, raw]) => {
    const field = schema.fields.get(name)
    if (!field)
      throw new SyncError('FIELD_NOT_FOUND', `Table ${schema.table} has no field ${name}`, {
        data: { field: name },
      })
    const parsed = parseLiteral(raw, field.type)
    if (!parsed.ok) throw new SyncError(parsed.problem.code, `Field ${name}: ${parsed.problem.message}`)
    return [name, parsed.value] as const
  })
  return Object.fromEntries(entries)
}
