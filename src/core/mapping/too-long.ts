import { nameOfStep } from '../transform/steps.ts'
import type { FieldMapping, MappingDefinition } from './definition.ts'

const numbersAndDates = new Set(['formatNumber', 'formatDate', 'round', 'unit'])

/**
 * Why texts of a field can never be cut, or null: what identifies a record or is translated would mean something else,
 * and what is transformed both ways could not be told from an edit.
 */
export function whyNeverCut(definition: MappingDefinition, field: FieldMapping): string | null {
  if (field.reference || field.valueMap) return 'its values are translated'
  if (field.match) return 'records are matched by it'
  if (field.transform && field.direction === 'Bidirectional') return 'it is transformed both ways'
  if (field.transform?.some((step) => numbersAndDates.has(nameOfStep(step))))
    return 'its values are numbers or dates'
  const identifies = (['local', 'remote'] as const).some((side) => {
    const { keyFields = [], referenceField } = definition[side]
    const name = field[side]
    return name !== undefined && (keyFields.includes(name) || name === referenceField)
  })
  return identifies ? 'records are known by it' : null
}

/** True where a text that is too long is cut: said by the field, else by the mapping, where it can be. */
export function cutsTooLong(definition: MappingDefinition, field: FieldMapping): boolean {
  return (
    (field.onTooLong ?? definition.onTooLong) === 'cut and warn' && whyNeverCut(definition, field) === null
  )
}
