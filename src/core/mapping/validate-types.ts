import { parseLiteral } from '../values/convert.ts'
import { rawOf } from '../values/value.ts'
import { destinationSide, type MappingDefinition, type Side } from './definition.ts'
import { describeType } from './describe-type.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { FieldSchema, TableSchema } from './schema.ts'
import { joinedFields } from './transform-way.ts'
import { typeFit } from './type-fit.ts'
import { type PlacedField, writtenDirections } from './validate-field.ts'

export type Schemas = Readonly<Record<Side, TableSchema>>

interface TypedField extends PlacedField {
  readonly local: FieldSchema | undefined
  readonly remote: FieldSchema | undefined
  /** Sides that are written. */
  readonly written: readonly Side[]
}

/** Everything that is wrong with one enabled field mapping for these two tables. */
export function validateTypes(
  definition: MappingDefinition,
  placed: PlacedField,
  schemas: Schemas,
): readonly MappingProblem[] {
  const { field } = placed
  const typed: TypedField = {
    ...placed,
    local: field.local === undefined ? undefined : schemas.local.fields.get(field.local),
    remote: field.remote === undefined ? undefined : schemas.remote.fields.get(field.remote),
    written: writtenDirections(definition, field).map((direction) => destinationSide[direction]),
  }
  return [
    ...checkFieldExists(placed, 'local', schemas),
    ...checkFieldExists(placed, 'remote', schemas),
    ...checkWritable(typed),
    ...checkJoined(placed, schemas),
    ...checkConversion(typed),
    ...checkConstant(typed),
    ...checkReferenceValues(typed),
    ...checkLeast(typed),
    ...checkMappedValues(typed),
    ...checkMatchTypes(typed),
  ]
}

function checkFieldExists({ path, field }: PlacedField, side: Side, schemas: Schemas): MappingProblem[] {
  const name = field[side]
  return name === undefined ? [] : checkField(schemas[side], name, `${path}.${side}`)
}

function checkJoined({ path, field }: PlacedField, schemas: Schemas): MappingProblem[] {
  return (['local', 'remote'] as const).flatMap((side) =>
    joinedFields(field, side).flatMap((name) => checkField(schemas[side], name, `${path}.transform`)),
  )
}

/** FIELD_NOT_FOUND when the table has no such field, with the name that was probably meant. */
export function checkField(schema: TableSchema, name: string, path: string): MappingProblem[] {
  if (schema.fields.has(name)) return []
  const type = schema.unsupportedFields?.get(name)
  if (type !== undefined) {
    const message = `Field ${name} of table ${schema.table} is of type ${type}, which is not supported`
    return [mappingProblem('FIELD_NOT_FOUND', path, name, message)]
  }
  const alike = [...schema.fields.keys()].find((other) => simplified(other) === simplified(name))
  const hint = alike === undefined ? '' : `; did you mean ${alike}?`
  return [mappingProblem('FIELD_NOT_FOUND', path, name, `Table ${schema.table} has no field ${name}${hint}`)]
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

function checkWritable({ path, written, ...typed }: TypedField): MappingProblem[] {
  return written.flatMap((side) => {
    const schema = typed[side]
    if (!schema || schema.writable) return []
    const message = `The ${side} field ${schema.name} is computed and cannot be written`
    const remedy = 'Change the direction of the field mapping, or name another field.'
    return [mappingProblem('MAPPING_INVALID', `${path}.${side}`, schema.name, message, { remedy })]
  })
}

function checkConversion({ path, field, local, remote, written }: TypedField): MappingProblem[] {
  if (!local || !remote || field.reference || field.valueMap || field.transform) return []
  const fits = written.map((side) =>
    side === 'remote' ? typeFit(local.type, remote.type) : typeFit(remote.type, local.type),
  )
  const types = `${local.name} (${describeType(local.type)}) and ${remote.name} (${describeType(remote.type)})`
  if (fits.includes('never')) {
    const message = `No value can be converted between ${types}`
    return [invalid(path, field.local, message, 'Map fields of compatible types.')]
  }
  if (fits.length < 2 || !fits.includes('narrows')) return []
  const message = `Between ${types} values would be lost on the way back`
  return [
    invalid(`${path}.direction`, field.direction, message, 'Use one direction, or fields of equal types.'),
  ]
}

function checkConstant({ path, field, written, ...typed }: TypedField): MappingProblem[] {
  const { constant } = field
  if (constant === undefined) return []
  return written.flatMap((side) => checkLiteral(constant, typed[side], `${path}.constant`))
}

function checkReferenceValues({ path, field, remote }: TypedField): MappingProblem[] {
  const { remoteWhenLocalBlank, remoteWhenNotCoupled } = field.reference ?? {}
  return Object.entries({ remoteWhenLocalBlank, remoteWhenNotCoupled }).flatMap(([option, raw]) =>
    raw === undefined ? [] : checkLiteral(raw, remote, `${path}.reference.${option}`),
  )
}

function checkLeast({ path, field, written, ...typed }: TypedField): MappingProblem[] {
  const { atLeast } = field
  if (atLeast === undefined) return []
  return written.flatMap((side) => {
    const schema = typed[side]
    if (!schema || schema.type.kind === 'integer' || schema.type.kind === 'decimal')
      return checkLiteral(atLeast, schema, `${path}.atLeast`)
    const message = `The ${side} field ${schema.name} (${describeType(schema.type)}) holds no number`
    return [invalid(`${path}.atLeast`, atLeast, message, 'Remove atLeast.')]
  })
}

function checkLiteral(raw: string, schema: FieldSchema | undefined, path: string): MappingProblem[] {
  const result = schema && parseLiteral(raw, schema.type)
  if (!result || result.ok) return []
  const message = `For field ${schema.name} (${describeType(schema.type)}): ${result.problem.message}`
  return [
    mappingProblem(result.problem.code, path, raw, message, { remedy: 'Correct the value in the mapping.' }),
  ]
}

/** Values are looked up as they are stored, so each has to be written in exactly that form. */
function checkMappedValues({ path, field, local, remote }: TypedField): MappingProblem[] {
  return Object.entries(field.valueMap ?? {}).flatMap(([localValue, remoteValue]) => {
    const at = `${path}.valueMap.${localValue}`
    return [...checkMappedValue(localValue, local, at), ...checkMappedValue(remoteValue, remote, at)]
  })
}

function checkMappedValue(raw: string, schema: FieldSchema | undefined, path: string): MappingProblem[] {
  if (!schema) return []
  const result = parseLiteral(raw, schema.type)
  if (!result.ok) return checkLiteral(raw, schema, path)
  const stored = rawOf(result.value)
  if (stored === raw) return []
  return [invalid(path, raw, `Field ${schema.name} stores '${raw}' as '${stored}'`, `Write '${stored}'.`)]
}

function checkMatchTypes({ path, field, local, remote }: TypedField): MappingProblem[] {
  if (!field.match || !local || !remote) return []
  const notText = [local, remote].find(({ type }) => type.kind !== 'text' && type.kind !== 'code')
  if (field.match.normalise && notText) {
    const message = `Only texts can be normalised; ${notText.name} is ${describeType(notText.type)}`
    return [
      invalid(`${path}.match.normalise`, field.match.normalise.join(', '), message, 'Remove `normalise`.'),
    ]
  }
  const isBlob = [local, remote].some(({ type }) => type.kind === 'json' || type.kind === 'bytes')
  if (!isBlob && typeFit(local.type, remote.type) !== 'never') return []
  const message = `The types of ${local.name} and ${remote.name} cannot be used for matching`
  return [invalid(`${path}.match`, '', message, 'Remove `match`, or match another field.')]
}

function invalid(path: string, value: string | undefined, message: string, remedy: string): MappingProblem {
  return mappingProblem('MAPPING_INVALID', path, value ?? '', message, { remedy })
}
