import { describe, expect, it } from 'vitest'
import type { MappingDefinition } from '../../../../src/core/mapping/definition.ts'
import { effectiveDependencies, validateDefinition } from '../../../../src/core/mapping/validate.ts'
import { definitionOf } from '../../../support/definitions.ts'

const currency = definitionOf({ name: 'CURRENCY', local: { table: 'currency', referenceField: 'code' } })
const contact = definitionOf({ name: 'CONTACT' })
const others = [currency, contact]

function found(definition: MappingDefinition, mappings: readonly MappingDefinition[] = others): string[] {
  return validateDefinition(definition, { mappings }).map(
    ({ path, code, severity }) => `${path} ${code}${severity === 'warning' ? ' (warning)' : ''}`,
  )
}

function foundInField(field: NonNullable<Parameters<typeof definitionOf>[0]>['fields']): string[] {
  return found(definitionOf({ fields: [{ local: 'name', remote: 'name' }, ...(field ?? [])] }))
}

describe('validateDefinition', () => {
  it('accepts a mapping in order', () => {
    const definition = definitionOf({
      dependsOn: ['CURRENCY'],
      local: { table: 'customer', filter: "blocked = ''" },
      fields: [
        { local: 'name', remote: 'name', match: {} },
        { remote: 'owneridtype', constant: 'systemuser' },
        { local: 'currency_code', remote: 'currencyid', reference: { mapping: 'CURRENCY' } },
        {
          local: 'contact_no',
          remote: 'contactid',
          reference: { mapping: 'CONTACT', deferred: true },
          clearOnFailedSync: true,
        },
        { local: 'terms', remote: 'termscode', valueMap: { A: '1', B: '2' } },
        { local: 'no', remote: 'name', enabled: false },
      ],
    })
    expect(found(definition)).toEqual([])
  })

  it('names place, value and remedy of every problem at once', () => {
    const definition = definitionOf({
      dependsOn: ['CUSTOMER', 'VENDOR'],
      remote: { table: 'account', filter: 'statecode ==' },
      fields: [{ local: 'name', remote: 'name' }, { local: 'x' }, { local: 'a', remote: 'name' }],
    })
    const problems = validateDefinition(definition, { mappings: others })
    expect(problems.map(({ path, value, code }) => [path, value, code])).toEqual([
      ['remote.filter', 'statecode ==', 'FILTER_INVALID'],
      ['fields[1].remote', '', 'MAPPING_INVALID'],
      ['fields[2].remote', 'name', 'MAPPING_INVALID'],
      ['dependsOn[0]', 'CUSTOMER', 'DEPENDENCY_CYCLE'],
      ['dependsOn[1]', 'VENDOR', 'MAPPING_UNKNOWN'],
    ])
    for (const problem of problems) expect(problem.remedy).not.toBe('')
  })

  it('wants an enabled field mapping for each direction of the mapping', () => {
    const oneWay = { local: 'name', remote: 'name', direction: 'ToIntegrationTable' } as const
    expect(found(definitionOf({ fields: [oneWay] }))).toEqual(['direction NO_FIELD_MAPPINGS'])
    expect(found(definitionOf({ fields: [oneWay], direction: 'ToIntegrationTable' }))).toEqual([])
    expect(found(definitionOf({ fields: [{ local: 'name', remote: 'name', enabled: false }] }))).toEqual([
      'direction NO_FIELD_MAPPINGS',
      'direction NO_FIELD_MAPPINGS',
    ])
  })

  it('refuses a field mapping that never writes anything', () => {
    const definition = definitionOf({
      direction: 'FromIntegrationTable',
      fields: [
        { local: 'name', remote: 'name' },
        { local: 'a', remote: 'a', direction: 'ToIntegrationTable' },
        { remote: 'b', constant: 'x' },
      ],
    })
    expect(found(definition)).toEqual([
      'fields[1].direction DIRECTION_NOT_ALLOWED',
      'fields[2].direction DIRECTION_NOT_ALLOWED',
    ])
  })

  it('lets two fields write one destination only in different directions', () => {
    const to = { local: 'a', remote: 'x', direction: 'ToIntegrationTable' } as const
    const from = { local: 'b', remote: 'x', direction: 'FromIntegrationTable' } as const
    expect(foundInField([to, from])).toEqual([])
    expect(foundInField([to, { ...from, direction: 'Bidirectional' }])).toEqual([
      'fields[2].remote MAPPING_INVALID',
    ])
  })

  it('refuses contradicting or meaningless options for blanks', () => {
    const reference = { mapping: 'CURRENCY' }
    expect(
      foundInField([{ local: 'a', remote: 'a', reference, notNull: true, clearOnFailedSync: true }]),
    ).toEqual(['fields[1].clearOnFailedSync MAPPING_INVALID'])
    expect(foundInField([{ local: 'a', remote: 'a', notNull: true }])).toEqual([
      'fields[1].notNull MAPPING_INVALID',
    ])
  })

  it('checks references', () => {
    const two = {
      mappings: [definitionOf({ name: 'LINE', local: { table: 'line', keyFields: ['a', 'b'] } })],
    }
    const line = definitionOf({
      fields: [
        { local: 'name', remote: 'name' },
        { local: 'a', remote: 'a', reference: { mapping: 'LINE' } },
      ],
    })
    expect(found(line, two.mappings)).toEqual(['fields[1].reference.mapping MAPPING_INVALID'])
    expect(foundInField([{ local: 'a', remote: 'a', reference: { mapping: 'VENDOR' } }])).toEqual([
      'fields[1].reference.mapping NO_MAPPING_FOR_REFERENCE',
    ])
    expect(foundInField([{ remote: 'a', constant: 'x', reference: { mapping: 'CURRENCY' } }])).toEqual([
      'fields[1].reference MAPPING_INVALID',
    ])
    expect(
      foundInField([{ local: 'a', remote: 'a', reference: { mapping: 'CONTACT', deferred: true } }]),
    ).toEqual(['fields[1].reference.deferred MAPPING_INVALID (warning)'])
    expect(
      foundInField([{ local: 'bill_to', remote: 'parent', reference: { mapping: 'CUSTOMER' } }]),
    ).toEqual([])
  })

  it('wants a value map that can be read backwards where the field is', () => {
    const valueMap = { A: '1', B: '1' }
    expect(foundInField([{ local: 'a', remote: 'a', valueMap }])).toEqual([
      'fields[1].valueMap.B MAPPING_INVALID',
    ])
    expect(foundInField([{ local: 'a', remote: 'a', valueMap, direction: 'ToIntegrationTable' }])).toEqual([])
    expect(foundInField([{ local: 'a', remote: 'a', valueMap: {} }])).toEqual([
      'fields[1].valueMap MAPPING_INVALID',
    ])
  })

  it('says which settings nothing acts upon yet', () => {
    const definition = definitionOf({ multiCompany: true })
    expect(found(definition)).toEqual(['multiCompany MAPPING_INVALID (warning)'])
  })

  it('asks for the archive field of each side it may have to write, and for no other', () => {
    const archive = { remote: { field: 'state', value: 'gone' } }
    expect(found(definitionOf({ deletionConflict: 'Archive', archive }))).toEqual([
      'archive.local MAPPING_INVALID',
    ])
    const oneWay = definitionOf({ direction: 'FromIntegrationTable', archive })
    expect(found(oneWay)).toContain('archive.remote DIRECTION_NOT_ALLOWED')
  })

  it('refuses matching by constants and translated fields', () => {
    expect(foundInField([{ remote: 'a', constant: 'x', match: {} }])).toEqual([
      'fields[1].match MAPPING_INVALID',
    ])
    expect(
      foundInField([{ local: 'a', remote: 'a', reference: { mapping: 'CURRENCY' }, match: {} }]),
    ).toEqual(['fields[1].match MAPPING_INVALID'])
  })

  it('finds a cycle that a reference closes, and accepts it when the reference is deferred', () => {
    const back = (deferred: boolean) =>
      definitionOf({
        name: 'CONTACT',
        fields: [
          { local: 'a', remote: 'a', reference: { mapping: 'CUSTOMER', deferred }, clearOnFailedSync: true },
        ],
      })
    const customer = definitionOf({ dependsOn: ['CONTACT'] })
    expect(found(customer, [back(false)])).toEqual(['dependsOn DEPENDENCY_CYCLE'])
    expect(validateDefinition(customer, { mappings: [back(false)] })[0]?.value).toBe('CONTACT, CUSTOMER')
    expect(found(customer, [back(true)])).toEqual([])
  })
})

describe('effectiveDependencies', () => {
  it('adds references that are enabled, not deferred and not to the mapping itself', () => {
    const to = (mapping: string, more: object = {}) => ({
      local: mapping,
      remote: mapping,
      reference: { mapping, ...more },
    })
    const definition = definitionOf({
      dependsOn: ['VENDOR', 'CURRENCY'],
      fields: [
        to('CURRENCY'),
        to('SALESPEOPLE'),
        to('CONTACT', { deferred: true }),
        to('CUSTOMER'),
        { ...to('UNIT'), enabled: false },
      ],
    })
    expect(effectiveDependencies(definition)).toEqual(['VENDOR', 'CURRENCY', 'SALESPEOPLE'])
  })

  it('reads every filter of a side: ignore rules and requirements as well', () => {
    const definition = definitionOf({
      local: {
        table: 'currency',
        ignore: 'kind ==',
        require: [{ filter: 'rate is not null' }, { filter: '' }],
      },
    })
    expect(found(definition)).toEqual([
      'local.ignore FILTER_INVALID',
      'local.require[1].filter FILTER_INVALID',
    ])
  })

  it('refuses a stand-in that would be carried back, or beside an empty reference', () => {
    const reference = { mapping: 'CURRENCY', remoteWhenNotCoupled: 'x' }
    const row = { local: 'currency_code', remote: 'currencyid', reference }
    const at = 'fields[1].reference.remoteWhenNotCoupled MAPPING_INVALID'
    const oneWay = { ...row, direction: 'ToIntegrationTable' } as const
    expect(foundInField([row])).toEqual([at])
    expect(foundInField([oneWay])).toEqual([])
    expect(foundInField([{ ...oneWay, clearOnFailedSync: true }])).toEqual([at])
  })

  it('refuses a least number that would lose numbers on the way back, and for what is no plain number', () => {
    const row = { local: 'price', remote: 'amount', atLeast: '0' }
    const oneWay = { ...row, direction: 'ToIntegrationTable' } as const
    const at = 'fields[1].atLeast MAPPING_INVALID'
    expect(foundInField([row])).toEqual([at])
    expect(foundInField([oneWay])).toEqual([])
    expect(foundInField([{ ...oneWay, valueMap: { A: '1' } }])).toEqual([at])
  })
})
