import { destinationSide, type MappingDefinition, type Side, sourceSide } from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { FieldSchema, FieldType } from './schema.ts'
import { typeFit } from './type-fit.ts'
import { enabledFields, type PlacedField, writtenDirections } from './validate-field.ts'
import type { Schemas } from './validate-types.ts'

/** A mapping with the tables it is about. */
export interface DescribedMapping {
  readonly definition: MappingDefinition
  readonly schemas: Schemas
}

/**
 * References that can never be translated: the field holds values of another type than those by which the records of
 * the referenced mapping are known. `find` gives that mapping, or nothing when its tables cannot be described.
 */
export function validateReferences(
  mapping: DescribedMapping,
  find: (name: string) => DescribedMapping | undefined,
): readonly MappingProblem[] {
  return enabledFields(mapping.definition).flatMap((placed) => {
    const referenced = placed.field.reference && find(placed.field.reference.mapping)
    return referenced ? checkReference(mapping, placed, referenced) : []
  })
}

function checkReference(
  mapping: DescribedMapping,
  placed: PlacedField,
  referenced: DescribedMapping,
): MappingProblem[] {
  const directions = writtenDirections(mapping.definition, placed.field)
  const wrong = new Set<Side>()
  for (const direction of directions) {
    const [source, destination] = [sourceSide[direction], destinationSide[direction]]
    const [from, to] = [fieldOf(mapping, placed, source), fieldOf(mapping, placed, destination)]
    const known = { source: knownBy(referenced, source), destination: knownBy(referenced, destination) }
    if (from && known.source && family(from.type) !== family(known.source.type)) wrong.add(source)
    if (to && known.destination && typeFit(known.destination.type, to.type) === 'never')
      wrong.add(destination)
  }
  return [...wrong].map((side) => mismatch(mapping, placed, referenced, side))
}

function fieldOf({ schemas }: DescribedMapping, { field }: PlacedField, side: Side): FieldSchema | undefined {
  return schemas[side].fields.get(field[side] ?? '')
}

/** The field by which other records name a record of that side; none where the key has several fields. */
function knownBy({ definition, schemas }: DescribedMapping, side: Side): FieldSchema | undefined {
  const { keyFields, fields } = schemas[side]
  const name = definition[side].referenceField ?? (keyFields.length === 1 ? keyFields[0] : undefined)
  return name === undefined ? undefined : fields.get(name)
}

/** Values are compared as they are: a code with a text, but a number with nothing else. */
function family({ kind }: FieldType): string {
  if (kind === 'code') return 'text'
  return kind === 'option' ? 'integer' : kind
}

function mismatch(
  mapping: DescribedMapping,
  placed: PlacedField,
  referenced: DescribedMapping,
  side: Side,
): MappingProblem {
  const { name } = referenced.definition
  const own = fieldOf(mapping, placed, side)
  const other = knownBy(referenced, side)
  const message = `The ${side} field ${own?.name} (${own?.type.kind}) cannot name a record of ${name}, which is known by ${other?.name} (${other?.type.kind})`
  const remedy = `Give ${name} a ${side} referenceField of that type, or refer by another field.`
  return mappingProblem('MAPPING_INVALID', `${placed.path}.reference.mapping`, name, message, { remedy })
}
