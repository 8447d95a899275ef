import { describe, expect, it } from 'vitest'
import { validateReferences } from '../../../../src/core/mapping/validate-references.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const schemas = {
  local: schemaOf([
    fieldOf('code', { kind: 'code', maxLength: 10 }),
    fieldOf('text', textType(20)),
    fieldOf('number', { kind: 'integer', bits: 64 }),
    fieldOf('amount', { kind: 'decimal', precision: 10, scale: 0 }),
  ]),
  remote: schemaOf([
    fieldOf('currency', { kind: 'uuid' }),
    fieldOf('text', textType(40)),
    fieldOf('day', { kind: 'date' }),
  ]),
}

function found(
  field: object,
  currency: object = { local: { table: 'currency', referenceField: 'code' } },
): string[] {
  const definition = definitionOf({ fields: [{ ...field, reference: { mapping: 'CURRENCY' } }] })
  const referenced = definitionOf({ name: 'CURRENCY', ...currency })
  return validateReferences({ definition, schemas }, (name) =>
    name === 'CURRENCY' ? { definition: referenced, schemas } : undefined,
  ).map(({ message }) => message)
}

describe('validateReferences', () => {
  it.each([
    [{ local: 'code', remote: 'currency' }],
    [{ local: 'text', remote: 'currency' }],
    [{ local: 'code', remote: 'text', direction: 'ToIntegrationTable' }],
  ])('accepts %j, whose values name records of the other mapping', (field) => {
    expect(found(field)).toEqual([])
  })

  it('refuses a field whose values can never name a record: it would wait for ever', () => {
    expect(found({ local: 'number', remote: 'currency' })).toEqual([
      'The local field number (integer) cannot name a record of CURRENCY, which is known by code (code)',
    ])
    expect(found({ local: 'code', remote: 'text' })).toEqual([
      'The remote field text (text) cannot name a record of CURRENCY, which is known by id (uuid)',
    ])
    expect(found({ local: 'code', remote: 'day', direction: 'ToIntegrationTable' })).toEqual([
      'The remote field day (date) cannot name a record of CURRENCY, which is known by id (uuid)',
    ])
  })

  it('takes the key where the other mapping has no reference field, and tells numbers of two kinds apart', () => {
    expect(found({ local: 'code', remote: 'currency' }, {})).toEqual([
      'The local field code (code) cannot name a record of CURRENCY, which is known by id (uuid)',
    ])
    const byNumber = { local: { table: 'currency', referenceField: 'number' } }
    expect(found({ local: 'number', remote: 'currency' }, byNumber)).toEqual([])
    expect(found({ local: 'amount', remote: 'currency' }, byNumber)).toHaveLength(1)
  })

  it('says nothing of a mapping whose tables are not known', () => {
    const definition = definitionOf({
      fields: [{ local: 'number', remote: 'currency', reference: { mapping: 'CURRENCY' } }],
    })
    expect(validateReferences({ definition, schemas }, () => undefined)).toEqual([])
  })
})
