import { compileStep } from '../transform/compile-chain.ts'
import type { LoadedFunctions } from '../transform/function-rule.ts'
import { type Rule, StepError } from '../transform/rule.ts'
import { nameOfStep, type TransformStep } from '../transform/steps.ts'
import type { FieldMapping, MappingDefinition } from './definition.ts'
import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import { whyNeverCut } from './too-long.ts'
import { chainUse, joinedFields } from './transform-way.ts'
import { enabledFields, type PlacedField, writtenDirections } from './validate-field.ts'

/** What is wrong with transformations and cutting, whatever the tables look like and without loading any function. */
export function validateTransforms(definition: MappingDefinition): readonly MappingProblem[] {
  const fields = enabledFields(definition)
  return [
    ...fields.flatMap((placed) => [
      ...checkPlace(placed),
      ...checkSteps(definition, placed),
      ...checkCutting(definition, placed),
    ]),
    ...checkThereAndBack(definition, fields),
  ]
}

/** What is wrong with the functions of one's own that a mapping names. */
export function validateFunctions(
  definition: MappingDefinition,
  functions: LoadedFunctions,
): readonly MappingProblem[] {
  return enabledFields(definition).flatMap(({ path, field }) =>
    (field.transform ?? []).flatMap((step, index) => {
      if (!isFunction(step)) return []
      const rule = ruleOf(step, definition, field, functions)
      return rule instanceof StepError ? [stepProblem(`${path}.transform[${index}]`, step, rule.message)] : []
    }),
  )
}

/** Modules whose functions a mapping uses. */
export function functionModules({ fields }: MappingDefinition): readonly string[] {
  const steps = fields.flatMap((field) => (field.enabled ? (field.transform ?? []) : []))
  return [...new Set(steps.flatMap((step) => (isFunction(step) ? step.function.module : [])))]
}

type FunctionStep = Extract<TransformStep, object> & {
  readonly function: NonNullable<Extract<TransformStep, object>['function']>
}

function isFunction(step: TransformStep): step is FunctionStep {
  return typeof step === 'object' && step.function !== undefined
}

function checkPlace({ path, field }: PlacedField): MappingProblem[] {
  if (!field.transform) return []
  const at = `${path}.transform`
  if (field.local === undefined || field.remote === undefined)
    return [
      invalid(at, '', 'A transformation needs a field on both sides', 'Name both fields, or remove it.'),
    ]
  if (field.reference || field.valueMap) {
    const message = 'A field is translated either by a reference or value map, or by a transformation'
    return [invalid(at, '', message, 'Remove one of them, or use the step lookup.')]
  }
  if (!field.match) return []
  const message = 'Matching compares what is stored on both sides; a transformed field cannot be used'
  return [
    invalid(
      `${path}.match`,
      '',
      message,
      'Remove `match`, or match another field, with `normalise` where spellings differ.',
    ),
  ]
}

function checkSteps(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  const goesBack =
    field.direction === 'Bidirectional' && writtenDirections(definition, field).includes('from')
  return (field.transform ?? []).flatMap((step, index) => {
    const at = `${path}.transform[${index}]`
    if (isFunction(step)) return goesBack && step.function.inverse === undefined ? [oneWay(at, step)] : []
    const rule = ruleOf(step, definition, field, new Map())
    if (rule instanceof StepError) return [stepProblem(at, step, rule.message)]
    return goesBack && rule.back === null ? [oneWay(at, step)] : []
  })
}

function ruleOf(
  step: TransformStep,
  definition: MappingDefinition,
  field: FieldMapping,
  functions: LoadedFunctions,
): Rule | StepError {
  try {
    return compileStep(step, chainUse(definition, field), functions)
  } catch (error) {
    if (error instanceof StepError) return error
    throw error
  }
}

function stepProblem(path: string, step: TransformStep, reason: string): MappingProblem {
  const name = nameOfStep(step)
  return invalid(path, name, `The step ${name} cannot work: ${reason}`, 'Correct the setting of the step.')
}

function oneWay(path: string, step: TransformStep): MappingProblem {
  const name = nameOfStep(step)
  const message = `The step ${name} has no way back, but values of this field come back from the remote side`
  const remedy = 'Give the field one direction, or use steps with an inverse (docs/mappings.md).'
  return invalid(path, name, message, remedy)
}

function checkCutting(definition: MappingDefinition, { path, field }: PlacedField): MappingProblem[] {
  const reason = field.onTooLong === 'cut and warn' ? whyNeverCut(definition, field) : null
  if (reason === null) return []
  const message = `Values of this field can never be cut: ${reason}`
  return [invalid(`${path}.onTooLong`, 'cut and warn', message, 'Remove onTooLong from the field.')]
}

/**
 * Two one-way rows that lead there and back are a bidirectional field in disguise, without anybody who checks that a
 * value comes back as it went: joined, split and joined again it may differ, and travel on for ever.
 */
function checkThereAndBack(definition: MappingDefinition, fields: readonly PlacedField[]): MappingProblem[] {
  const there = fields.filter(({ field }) => isOneWay(definition, field, 'ToIntegrationTable'))
  const back = fields.filter(({ field }) => isOneWay(definition, field, 'FromIntegrationTable'))
  return there.flatMap(({ path, field }) =>
    back
      .filter((other) => field.transform || other.field.transform)
      .filter((other) => formsCircle(field, other.field))
      .map((other) => {
        const message = `${path} and this row lead there and back between ${field.local} and ${field.remote}`
        const remedy = 'Use one bidirectional row with steps that have an inverse, or one direction only.'
        return invalid(`${other.path}.transform`, other.field.remote ?? '', message, remedy)
      }),
  )
}

function isOneWay(
  definition: MappingDefinition,
  field: FieldMapping,
  direction: FieldMapping['direction'],
): boolean {
  return field.direction === direction && writtenDirections(definition, field).length > 0
}

function formsCircle(there: FieldMapping, back: FieldMapping): boolean {
  const from = [there.local, ...joinedFields(there, 'local')]
  const sources = [back.remote, ...joinedFields(back, 'remote')]
  return (
    back.local !== undefined &&
    there.remote !== undefined &&
    from.includes(back.local) &&
    sources.includes(there.remote)
  )
}

function invalid(path: string, value: string, message: string, remedy: string): MappingProblem {
  return mappingProblem('MAPPING_INVALID', path, value, message, { remedy })
}
