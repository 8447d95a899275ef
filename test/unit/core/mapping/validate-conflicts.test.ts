import { describe, expect, it } from 'vitest'
import type { MappingDefinition } from '../../../../src/core/mapping/definition.ts'
import { validateAgainstSchemas, validateDefinition } from '../../../../src/core/mapping/validate.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const fields = [
  fieldOf('name', textType(30)),
  fieldOf('stock', { kind: 'decimal', precision: 10, scale: 2 }),
  fieldOf('count', { kind: 'integer', bits: 32 }),
]
const table = schemaOf(fields)
const timeless = schemaOf(fields, { modifiedField: null })

const show = ({ path, code }: { path: string; code: string }) => `${path} ${code}`
const found = (definition: MappingDefinition) => validateDefinition(definition, { mappings: [] }).map(show)
const foundIn = (definition: MappingDefinition, remote = table) =>
  validateAgainstSchemas(definition, { local: table, remote }).map(show)

const name = { local: 'name', remote: 'name' }
const stock = { local: 'stock', remote: 'stock' }

describe('validation of conflict strategies', () => {
  it('accepts sums of numbers, newest wins where both sides have times, and one strategy per field', () => {
    const definition = definitionOf({
      updateConflict: 'newest wins',
      fields: [
        name,
        { ...stock, conflict: 'sum of changes' },
        { local: 'count', remote: 'count', conflict: 'ask' },
      ],
    })
    expect([...found(definition), ...foundIn(definition)]).toEqual([])
  })

  it('refuses to add up what is no number, said by the field or by the mapping', () => {
    const byField = definitionOf({ fields: [{ ...name, conflict: 'sum of changes' }] })
    expect(foundIn(byField)).toEqual([
      'fields[0].conflict MAPPING_INVALID',
      'fields[0].conflict MAPPING_INVALID',
    ])
    const byMapping = definitionOf({ updateConflict: 'sum of changes', fields: [name, stock] })
    expect(foundIn(byMapping)).toEqual(['updateConflict MAPPING_INVALID', 'updateConflict MAPPING_INVALID'])
    const valueMap = { A: '1' }
    expect(found(definitionOf({ fields: [{ ...stock, valueMap, conflict: 'sum of changes' }] }))).toEqual([
      'fields[0].conflict MAPPING_INVALID',
    ])
  })

  it('refuses to add up what is transformed: a change of one side is another one on the other', () => {
    const transform = [{ unit: { multiply: '1000' } }]
    expect(found(definitionOf({ fields: [{ ...stock, transform }] }))).toEqual([])
    expect(found(definitionOf({ fields: [{ ...stock, transform, conflict: 'sum of changes' }] }))).toEqual([
      'fields[0].conflict MAPPING_INVALID',
    ])
  })

  it('refuses "newest wins" once per place where a side has no modified field', () => {
    const byMapping = definitionOf({ updateConflict: 'newest wins', fields: [name, stock] })
    expect(foundIn(byMapping, timeless)).toEqual(['updateConflict MODIFIED_FIELD_MISSING'])
    expect(foundIn(definitionOf({ fields: [{ ...stock, conflict: 'newest wins' }] }), timeless)).toEqual([
      'fields[0].conflict MODIFIED_FIELD_MISSING',
    ])
    expect(foundIn(definitionOf({ fields: [{ ...stock, conflict: 'local wins' }] }), timeless)).toEqual([])
  })

  it('refuses a strategy where only one side may change the field', () => {
    const oneWay = { ...stock, direction: 'ToIntegrationTable', conflict: 'local wins' } as const
    expect(found(definitionOf({ fields: [name, oneWay] }))).toEqual(['fields[1].conflict MAPPING_INVALID'])
  })

  it('refuses a master whose values nobody may write to the other side', () => {
    const to = { direction: 'ToIntegrationTable' as const, fields: [name] }
    expect(found(definitionOf({ ...to, initialDirection: 'remote is master' }))).toEqual([
      'initialDirection MAPPING_INVALID',
    ])
    expect(found(definitionOf({ ...to, initialDirection: 'local is master' }))).toEqual([])
    expect(found(definitionOf({ initialDirection: 'remote is master' }))).toEqual([])
  })
})
