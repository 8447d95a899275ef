import { type ConflictStrategy, strategyOf } from './conflict-strategy.ts'
import type { MappingDefinition, Side } from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { FieldSchema } from './schema.ts'
import { enabledFields, type PlacedField, writtenDirections } from './validate-field.ts'
import type { Schemas } from './validate-types.ts'

const sides = ['local', 'remote'] as const satisfies readonly Side[]

/** A field with the strategy that applies to it, and where that is said. */
interface Settled extends PlacedField {
  readonly strategy: ConflictStrategy
  readonly at: string
}

/** What is wrong with the answers to conflicts, whatever the tables look like. */
export function validateConflicts(definition: MappingDefinition): readonly MappingProblem[] {
  return [
    ...enabledFields(definition).flatMap((placed) => checkOneWay(definition, placed)),
    ...twoWayFields(definition).flatMap(checkTranslatedSum),
    ...checkMaster(definition),
  ]
}

/** What is wrong with them for these two tables. */
export function validateConflictTypes(
  definition: MappingDefinition,
  schemas: Schemas,
): readonly MappingProblem[] {
  const fields = twoWayFields(definition)
  return [...fields.flatMap((field) => checkNumbers(field, schemas)), ...checkTimes(fields, schemas)]
}

function twoWayFields(definition: MappingDefinition): readonly Settled[] {
  return enabledFields(definition)
    .filter(({ field }) => isTwoWay(definition, field))
    .map((placed) => ({
      ...placed,
      strategy: placed.field.conflict ?? strategyOf(definition.updateConflict),
      at: placed.field.conflict === undefined ? 'updateConflict' : `${placed.path}.conflict`,
    }))
}

function isTwoWay(definition: MappingDefinition, field: PlacedField['field']): boolean {
  return (
    writtenDirections(definition, field).length === 2 &&
    field.local !== undefined &&
    field.remote !== undefined
  )
}

function checkOneWay(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  if (field.conflict === undefined || isTwoWay(definition, field)) return []
  const message = 'Only one side may change this field, so there is never a conflict'
  return [
    invalid(
      `${path}.conflict`,
      field.conflict,
      message,
      'Remove `conflict`, or make the field bidirectional.',
    ),
  ]
}

/** A change of one side is then not a change of the other by as much. */
function checkTranslatedSum({ path, field, strategy, at }: Settled): MappingProblem[] {
  if (strategy !== 'sum of changes' || !(field.reference || field.valueMap || field.transform)) return []
  const message = `${path} (${field.local}) is translated or transformed, so that changes of it cannot be added up`
  return [invalid(at, strategy, message, remedyFor(path))]
}

function checkNumbers({ path, field, strategy, at }: Settled, schemas: Schemas): MappingProblem[] {
  if (strategy !== 'sum of changes') return []
  return sides.flatMap((side) => {
    const schema = schemas[side].fields.get(field[side] ?? '')
    if (schema === undefined || isNumber(schema)) return []
    const message = `The ${side} field ${schema.name} of ${path} holds ${schema.type.kind}, and only numbers can be added up`
    return [invalid(at, strategy, message, remedyFor(path))]
  })
}

function isNumber({ type }: FieldSchema): boolean {
  return type.kind === 'integer' || type.kind === 'decimal'
}

function remedyFor(path: string): string {
  return `Give ${path} another \`conflict\`.`
}

/** Once for each place that asks for it, not once for each field. */
function checkTimes(fields: readonly Settled[], schemas: Schemas): MappingProblem[] {
  const places = new Set(fields.filter(({ strategy }) => strategy === 'newest wins').map(({ at }) => at))
  const missing = sides.filter((side) => schemas[side].modifiedField === null)
  return [...places].flatMap((at) =>
    missing.map((side) => {
      const message = `Nothing says when a record of the ${side} table ${schemas[side].table} was changed, so the newest cannot win`
      const remedy = `Give the ${side} side a \`modifiedField\`, or choose another strategy.`
      return mappingProblem('MODIFIED_FIELD_MISSING', at, 'newest wins', message, { remedy })
    }),
  )
}

/** A side that is never written cannot be given what the other one has. */
function checkMaster({ direction, initialDirection }: MappingDefinition): MappingProblem[] {
  const isRefused =
    (initialDirection === 'local is master' && direction === 'FromIntegrationTable') ||
    (initialDirection === 'remote is master' && direction === 'ToIntegrationTable')
  if (!isRefused) return []
  const message = `A mapping with the direction ${direction} never writes the other side of '${initialDirection}'`
  return [invalid('initialDirection', initialDirection, message, 'Choose the other side, or leave it out.')]
}

function invalid(path: string, value: string, message: string, remedy: string): MappingProblem {
  return mappingProblem('MAPPING_INVALID', path, value, message, { remedy })
}
