import { parseLiteral } from '../values/convert.ts'
import { destinationSide, jobDirections, type MappingDefinition, type Template } from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { TableSchema } from './schema.ts'
import { findBase } from './templates.ts'
import { checkFilterFit, checkFilterText } from './validate-filters.ts'
import { checkField, type Schemas } from './validate-types.ts'

/** What is wrong with the templates of a mapping, whatever the tables look like. */
export function validateTemplates(definition: MappingDefinition): readonly MappingProblem[] {
  const written = jobDirections(definition.direction).map((direction) => destinationSide[direction])
  return definition.templates.flatMap((template, index) => {
    const path = `templates[${index}]`
    const earlier = definition.templates.slice(0, index)
    return [
      ...(earlier.some(({ name, side }) => name === template.name && side === template.side)
        ? [
            invalid(
              `${path}.name`,
              template.name,
              `There are two ${template.side} templates ${template.name}`,
            ),
          ]
        : []),
      ...(written.includes(template.side)
        ? []
        : [invalid(`${path}.side`, template.side, `The mapping creates no ${template.side} records`)]),
      ...filterOf(template, path).flatMap(checkFilterText),
      ...checkBase(template, definition.templates, path),
    ]
  })
}

/** What is wrong with the templates for these two tables. */
export function validateTemplateFields(
  definition: MappingDefinition,
  schemas: Schemas,
): readonly MappingProblem[] {
  return definition.templates.flatMap((template, index) => {
    const path = `templates[${index}]`
    const source = schemas[template.side === 'local' ? 'remote' : 'local']
    return [
      ...Object.entries(template.values).flatMap(([name, value]) =>
        checkValue(schemas[template.side], name, value, `${path}.values.${name}`),
      ),
      ...filterOf(template, path).flatMap((filter) => checkFilterFit(filter, source)),
    ]
  })
}

function filterOf({ filter = '' }: Template, path: string) {
  return filter.trim() === '' ? [] : [{ path: `${path}.filter`, text: filter }]
}

function checkBase(template: Template, templates: readonly Template[], path: string): MappingProblem[] {
  const { name, side, basedOn } = template
  if (basedOn === undefined) return []
  if (!findBase(template, templates)) {
    const message = `Template ${name} is based on ${basedOn}, but there is no ${side} template of that name`
    return [mappingProblem('TEMPLATE_NOT_FOUND', `${path}.basedOn`, basedOn, message)]
  }
  const seen: Template[] = []
  for (let next: Template | undefined = template; next && !seen.includes(next); ) {
    seen.push(next)
    next = findBase(next, templates)
    if (next !== template) continue
    const names = seen.map((each) => each.name).join(', ')
    return [invalid(`${path}.basedOn`, basedOn, `The templates ${names} are based on each other`)]
  }
  return []
}

function checkValue(schema: TableSchema, name: string, value: string, path: string): MappingProblem[] {
  const field = schema.fields.get(name)
  if (!field) return checkField(schema, name, path)
  if (!field.writable) return [invalid(path, value, `Field ${name} is computed and cannot be written`)]
  if (schema.keyFields.includes(name))
    return [invalid(path, value, `Field ${name} is the key, which no two records can share`)]
  const parsed = parseLiteral(value, field.type)
  if (parsed.ok) return []
  const message = `For field ${name}: ${parsed.problem.message}`
  return [
    mappingProblem(parsed.problem.code, path, value, message, {
      remedy: 'Correct the value in the mapping.',
    }),
  ]
}

function invalid(path: string, value: string, message: string): MappingProblem {
  return mappingProblem('MAPPING_INVALID', path, value, message, {
    remedy: 'Correct the template, or remove it.',
  })
}
