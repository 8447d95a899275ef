import { groupBy } from '../../lib/group.ts'
import { planOrder } from '../sync/graph.ts'
import {
  destinationSide,
  type JobDirection,
  jobDirections,
  type MappingDefinition,
  type Side,
} from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import { validateConflicts, validateConflictTypes } from './validate-conflicts.ts'
import { validateCreation } from './validate-creation.ts'
import { validateArchive, validateDeletion } from './validate-deletion.ts'
import { enabledFields, validateField, writtenDirections } from './validate-field.ts'
import { checkFilterFields, checkFilterTexts } from './validate-filters.ts'
import { validateTemplateFields, validateTemplates } from './validate-templates.ts'
import { validateTransforms } from './validate-transform.ts'
import { checkField, type Schemas, validateTypes } from './validate-types.ts'

export type { MappingProblem } from './mapping-problem.ts'

const sides = ['local', 'remote'] as const satisfies readonly Side[]

/** The other mappings of the pair. */
export interface KnownMappings {
  readonly mappings: readonly MappingDefinition[]
}

/** Everything that is wrong with a definition by itself and beside the other mappings; all problems at once. */
export function validateDefinition(
  definition: MappingDefinition,
  known: KnownMappings,
): readonly MappingProblem[] {
  const others = new Map(known.mappings.map((mapping) => [mapping.name, mapping]))
  return [
    ...checkDirections(definition),
    ...sides.flatMap((side) => checkFilterTexts(definition[side], side)),
    ...enabledFields(definition).flatMap((placed) => validateField(definition, placed)),
    ...validateTransforms(definition),
    ...validateTemplates(definition),
    ...checkDestinations(definition),
    ...validateConflicts(definition),
    ...checkDependencies(definition, others),
    ...checkReferences(definition, others),
    ...checkCycles(definition, known.mappings),
    ...validateDeletion(definition),
    ...checkIdleSettings(definition),
  ]
}

/** Everything that is wrong with a definition for these two tables; all problems at once. */
export function validateAgainstSchemas(
  definition: MappingDefinition,
  schemas: Schemas,
): readonly MappingProblem[] {
  return [
    ...sides.flatMap((side) => checkSide(definition, side, schemas)),
    ...checkOptionMapping(definition, schemas),
    ...enabledFields(definition).flatMap((placed) => validateTypes(definition, placed, schemas)),
    ...validateConflictTypes(definition, schemas),
    ...validateTemplateFields(definition, schemas),
    ...validateCreation(definition, schemas),
    ...validateArchive(definition, schemas),
  ]
}

/** Mappings that must be done before this one: those it names and those it refers to, unless deferred or itself. */
export function effectiveDependencies(definition: MappingDefinition): readonly string[] {
  const referenced = enabledFields(definition)
    .filter(({ field }) => field.reference && !field.reference.deferred)
    .flatMap(({ field }) => field.reference?.mapping ?? [])
  return [...new Set([...definition.dependsOn, ...referenced.filter((name) => name !== definition.name)])]
}

function checkDirections(definition: MappingDefinition): MappingProblem[] {
  return jobDirections(definition.direction)
    .filter((direction) => fieldsWriting(definition, direction).length === 0)
    .map((direction) => {
      const message = `${definition.name}: no enabled field mapping writes the ${destinationSide[direction]} side`
      return mappingProblem('NO_FIELD_MAPPINGS', 'direction', definition.direction, message)
    })
}

function fieldsWriting(definition: MappingDefinition, direction: JobDirection) {
  return enabledFields(definition).filter(({ field }) =>
    writtenDirections(definition, field).includes(direction),
  )
}

function checkDestinations(definition: MappingDefinition): MappingProblem[] {
  return jobDirections(definition.direction).flatMap((direction) => {
    const side = destinationSide[direction]
    const byName = groupBy(fieldsWriting(definition, direction), ({ field }) => field[side] ?? '')
    return [...byName].flatMap(([name, [first, ...more]]) =>
      more.map(({ path }) => {
        const message = `The ${side} field ${name} is written by ${first?.path} already`
        const remedy = 'Disable one of the rows, or give them different directions.'
        return mappingProblem('MAPPING_INVALID', `${path}.${side}`, name, message, { remedy })
      }),
    )
  })
}

type Others = ReadonlyMap<string, MappingDefinition>

function checkDependencies(definition: MappingDefinition, others: Others): MappingProblem[] {
  return definition.dependsOn.flatMap((name, index) => {
    const path = `dependsOn[${index}]`
    if (name === definition.name) {
      return [mappingProblem('DEPENDENCY_CYCLE', path, name, `${name} depends on itself`)]
    }
    if (others.has(name)) return []
    const message = `There is no mapping ${name}; the dependency is ignored`
    return [mappingProblem('MAPPING_UNKNOWN', path, name, message, { severity: 'warning' })]
  })
}

function checkReferences(definition: MappingDefinition, others: Others): MappingProblem[] {
  return enabledFields(definition).flatMap(({ path, field }) => {
    const name = field.reference?.mapping
    if (name === undefined) return []
    const referenced = name === definition.name ? definition : others.get(name)
    const at = `${path}.reference.mapping`
    if (referenced) return checkReferenceable(referenced, at)
    const [local, remote] = [
      `${definition.local.table}.${field.local}`,
      `${definition.remote.table}.${field.remote}`,
    ]
    const message = `There is no mapping ${name} for the records that ${local} and ${remote} refer to`
    return [mappingProblem('NO_MAPPING_FOR_REFERENCE', at, name, message)]
  })
}

/** One field holds a reference, so the referenced records must be known by one field as well. */
function checkReferenceable(referenced: MappingDefinition, path: string): MappingProblem[] {
  const { name } = referenced
  return sides
    .filter((side) => referenced[side].referenceField === undefined)
    .filter((side) => (referenced[side].keyFields?.length ?? 1) > 1)
    .map((side) => {
      const message = `The ${side} key of ${name} has several fields; one field cannot refer to it`
      const remedy = `Give ${name} a ${side} referenceField.`
      return mappingProblem('MAPPING_INVALID', path, name, message, { remedy })
    })
}

function checkCycles(definition: MappingDefinition, others: readonly MappingDefinition[]): MappingProblem[] {
  const all = [definition, ...others].map((mapping) => ({
    name: mapping.name,
    position: mapping.position,
    dependsOn: effectiveDependencies(mapping).filter((name) => name !== mapping.name),
  }))
  return planOrder(all)
    .cycles.filter((members) => members.includes(definition.name))
    .map((members) => {
      const message = `The mappings ${members.join(', ')} depend on each other`
      return mappingProblem('DEPENDENCY_CYCLE', 'dependsOn', members.join(', '), message)
    })
}

/** Settings that are kept, but that nothing acts upon in this version. */
function checkIdleSettings({ multiCompany }: MappingDefinition): MappingProblem[] {
  const idle = (path: string, value: string, instead: string) =>
    mappingProblem('MAPPING_INVALID', path, value, `${path} has no effect yet: ${instead}`, {
      severity: 'warning',
      remedy: 'Leave it out, or keep it for a later version.',
    })
  return multiCompany ? [idle('multiCompany', 'true', 'which company takes part is said by the filters')] : []
}

function checkSide(definition: MappingDefinition, side: Side, schemas: Schemas): MappingProblem[] {
  const { keyFields, modifiedField, versionField, referenceField } = definition[side]
  const schema = schemas[side]
  const named = { modifiedField, versionField, referenceField }
  return [
    ...(keyFields ?? []).flatMap((name, index) => checkField(schema, name, `${side}.keyFields[${index}]`)),
    ...Object.entries(named).flatMap(([option, name]) =>
      name === undefined ? [] : checkField(schema, name, `${side}.${option}`),
    ),
    ...checkModifiedType(schema.fields.get(modifiedField ?? '')?.type.kind, modifiedField, side),
    ...checkFilterFields(definition[side], side, schema),
  ]
}

/** A code table and the options of a field are kept equal in one direction only (domain.md §2.1). */
function checkOptionMapping({ direction }: MappingDefinition, schemas: Schemas): MappingProblem[] {
  const side = sides.find((each) => schemas[each].isOptionSet)
  if (side === undefined || direction !== 'Bidirectional') return []
  const message = `${schemas[side].table} holds the options of a field: a mapping leads to them or from them, never both ways`
  const remedy = 'Make it ToIntegrationTable or FromIntegrationTable.'
  return [mappingProblem('DIRECTION_NOT_ALLOWED', 'direction', direction, message, { remedy })]
}

function checkModifiedType(kind: string | undefined, name: string | undefined, side: Side): MappingProblem[] {
  if (kind === undefined || name === undefined || kind === 'instant' || kind === 'moment') return []
  const message = `The ${side} field ${name} holds no point in time, but ${kind}`
  return [mappingProblem('MODIFIED_FIELD_MISSING', `${side}.modifiedField`, name, message)]
}
