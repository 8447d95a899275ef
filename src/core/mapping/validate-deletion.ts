import { parseLiteral } from '../values/convert.ts'
import { destinationSide, jobDirections, type MappingDefinition, type Side } from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import { checkField, type Schemas } from './validate-types.ts'

const sides = ['local', 'remote'] as const satisfies readonly Side[]

/** Whether the policy for deleted records can be carried out by this mapping, whatever the tables look like. */
export function validateDeletion(definition: MappingDefinition): readonly MappingProblem[] {
  const written = jobDirections(definition.direction).map((direction) => destinationSide[direction])
  const archive = definition.archive ?? {}
  const isArchiving = definition.deletionConflict === 'Archive'
  return [
    ...(isArchiving ? written : [])
      .filter((side) => archive[side] === undefined)
      .map((side) => {
        const message = `Archive needs to know the field that marks a ${side} record as archived`
        const remedy = `Give archive.${side} a field and a value, or choose another deletionConflict.`
        return mappingProblem('MAPPING_INVALID', `archive.${side}`, '', message, { remedy })
      }),
    ...sides
      .filter((side) => archive[side] !== undefined && !written.includes(side))
      .map((side) => {
        const message = `A mapping with the direction ${definition.direction} never writes the ${side} side`
        return mappingProblem('DIRECTION_NOT_ALLOWED', `archive.${side}`, archive[side]?.field ?? '', message)
      }),
  ]
}

/** Whether the archive fields exist, can be written, and can hold their value. */
export function validateArchive(definition: MappingDefinition, schemas: Schemas): readonly MappingProblem[] {
  return sides.flatMap((side) => {
    const archive = definition.archive?.[side]
    if (archive === undefined) return []
    const schema = schemas[side]
    const field = schema.fields.get(archive.field)
    const path = `archive.${side}`
    if (!field) return checkField(schema, archive.field, `${path}.field`)
    if (!field.writable || schema.keyFields.includes(field.name)) {
      const message = `Field ${field.name} of table ${schema.table} cannot mark a record: it is computed or part of the key`
      return [
        mappingProblem('MAPPING_INVALID', `${path}.field`, field.name, message, {
          remedy: 'Name another field.',
        }),
      ]
    }
    const parsed = parseLiteral(archive.value, field.type)
    return parsed.ok
      ? []
      : [
          mappingProblem('MAPPING_INVALID', `${path}.value`, archive.value, parsed.problem.message, {
            remedy: 'Give a value that the field can hold.',
          }),
        ]
  })
}
