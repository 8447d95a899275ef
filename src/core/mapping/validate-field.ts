import {
  appliesTo,
  destinationSide,
  type FieldMapping,
  type JobDirection,
  jobDirections,
  type MappingDefinition,
} from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'

/** A field mapping with its place in the definition. */
export interface PlacedField {
  readonly path: string
  readonly field: FieldMapping
}

/** The enabled field mappings, each with its path. */
export function enabledFields(definition: MappingDefinition): readonly PlacedField[] {
  return definition.fields
    .map((field, index) => ({ path: `fields[${index}]`, field }))
    .filter(({ field }) => field.enabled)
}

/** The job directions in which a field mapping writes something. */
export function writtenDirections(
  definition: MappingDefinition,
  field: FieldMapping,
): readonly JobDirection[] {
  return jobDirections(definition.direction).filter(
    (direction) => appliesTo(field, direction) && field[destinationSide[direction]] !== undefined,
  )
}

/** Everything that is wrong with one enabled field mapping whatever the tables look like. */
export function validateField(definition: MappingDefinition, placed: PlacedField): readonly MappingProblem[] {
  return [
    ...checkEnds(definition, placed),
    ...checkBlanks(placed),
    ...checkReference(placed),
    ...checkStandIn(definition, placed),
    ...checkLeast(definition, placed),
    ...checkValueMap(definition, placed),
    ...checkMatch(placed),
  ]
}

function checkEnds(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  if (field.local === undefined && field.remote === undefined) {
    const message = 'A field mapping needs a local field, a remote field, or both'
    return [invalid(path, '', message, 'Name the field, or remove the row.')]
  }
  const problems: MappingProblem[] = []
  const isOneSided = field.local === undefined || field.remote === undefined
  if (isOneSided && field.constant === undefined) {
    const missing = field.local === undefined ? 'local' : 'remote'
    const message = `The ${missing} field is missing, and there is no constant to write instead`
    problems.push(
      invalid(`${path}.${missing}`, '', message, `Name the ${missing} field, or give a constant.`),
    )
  }
  if (writtenDirections(definition, field).length === 0) {
    const message = `${definition.name}: the field mapping writes nothing in a mapping with the direction ${definition.direction}`
    problems.push(mappingProblem('DIRECTION_NOT_ALLOWED', `${path}.direction`, field.direction, message))
  }
  return problems
}

function checkBlanks({ path, field }: PlacedField): MappingProblem[] {
  const problems: MappingProblem[] = []
  if (field.notNull && field.clearOnFailedSync) {
    const message = 'notNull and clearOnFailedSync contradict each other'
    problems.push(invalid(`${path}.clearOnFailedSync`, 'true', message, 'Remove one of the two.'))
  }
  for (const option of ['notNull', 'clearOnFailedSync'] as const) {
    if (!field[option] || field.reference) continue
    const message = `${option} has a meaning only for references`
    problems.push(invalid(`${path}.${option}`, 'true', message, `Add a reference, or remove ${option}.`))
  }
  return problems
}

function checkReference({ path, field }: PlacedField): MappingProblem[] {
  const { reference } = field
  if (!reference) return []
  const at = `${path}.reference`
  if (field.local === undefined || field.remote === undefined) {
    const message = 'A reference needs a field on both sides'
    return [invalid(at, reference.mapping, message, 'Name both fields, or remove the reference.')]
  }
  const problems: MappingProblem[] = []
  if (field.valueMap) {
    const message = 'A field is translated either by a reference or by a value map'
    problems.push(invalid(`${path}.valueMap`, '', message, 'Remove the reference or the value map.'))
  }
  if (reference.deferred && !field.clearOnFailedSync) {
    const message =
      'Records wait until the deferred reference is coupled; if that record waits for this one, neither moves'
    const remedy =
      'Set clearOnFailedSync, so that the record goes first and the reference is filled in later.'
    problems.push(
      mappingProblem('MAPPING_INVALID', `${at}.deferred`, 'true', message, { severity: 'warning', remedy }),
    )
  }
  return problems
}

/** Read backwards, the stand-in could mean any record that is not coupled yet. */
function checkStandIn(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  const standIn = field.reference?.remoteWhenNotCoupled
  if (standIn === undefined) return []
  const at = `${path}.reference.remoteWhenNotCoupled`
  if (writtenDirections(definition, field).includes('from')) {
    const message = 'A stand-in cannot be carried back: it may stand for any record that is not coupled yet'
    return [invalid(at, standIn, message, 'Give the row the direction ToIntegrationTable.')]
  }
  if (!field.clearOnFailedSync) return []
  const message = 'A reference that is not coupled yet becomes empty or the stand-in, not both'
  return [invalid(at, standIn, message, 'Remove clearOnFailedSync, or the stand-in.')]
}

/** Read backwards, the least number could mean any smaller one. */
function checkLeast(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  if (field.atLeast === undefined) return []
  const at = `${path}.atLeast`
  if (field.reference || field.valueMap) {
    const message = 'atLeast has a meaning only for numbers that are carried over as they are'
    return [invalid(at, field.atLeast, message, 'Remove atLeast, or the translation.')]
  }
  if (writtenDirections(definition, field).length < 2) return []
  const message = 'Between the two sides smaller numbers would be lost on the way back'
  return [invalid(at, field.atLeast, message, 'Give the row one direction.')]
}

/** Read backwards, a remote value has to mean one local value. */
function checkValueMap(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  if (!field.valueMap) return []
  const entries = Object.entries(field.valueMap)
  if (entries.length === 0) {
    return [invalid(`${path}.valueMap`, '', 'The value map is empty', 'Add values, or remove the map.')]
  }
  if (!writtenDirections(definition, field).includes('from')) return []
  const firstLocal = new Map<string, string>()
  const problems: MappingProblem[] = []
  for (const [local, remote] of entries) {
    const earlier = firstLocal.get(remote)
    if (earlier === undefined) firstLocal.set(remote, local)
    else {
      const message = `The remote value ${remote} stands for both '${earlier}' and '${local}'`
      const remedy = 'Give each remote value once, or use the direction ToIntegrationTable.'
      problems.push(invalid(`${path}.valueMap.${local}`, remote, message, remedy))
    }
  }
  return problems
}

function checkMatch({ path, field }: PlacedField): MappingProblem[] {
  if (!field.match) return []
  const at = `${path}.match`
  if (field.local === undefined || field.remote === undefined) {
    return [invalid(at, '', 'A constant cannot be used for matching', 'Remove `match`.')]
  }
  if (!field.reference && !field.valueMap) return []
  const message = 'Matching compares the values as they are; a translated field cannot be used'
  return [invalid(at, '', message, 'Remove `match`, or match another field.')]
}

function invalid(path: string, value: string, message: string, remedy: string): MappingProblem {
  return mappingProblem('MAPPING_INVALID', path, value, message, { remedy })
}
