import { describe, expect, it } from 'vitest'
import { findReferring, nameDependents, sumDependents } from '../../../../src/core/coupling/dependents.ts'
import { MappingDefinition } from '../../../../src/core/mapping/definition.ts'

const mapping = (id: number, name: string, fields: readonly object[]) => ({
  id,
  definition: MappingDefinition.parse({
    name,
    direction: 'Bidirectional',
    local: { table: 'l' },
    remote: { table: 'r' },
    fields: [{ local: 'no', remote: 'number' }, ...fields],
  }),
})
const toSalespeople = { local: 'salesperson', remote: 'ownerid', reference: { mapping: 'SALESPEOPLE' } }

describe('who refers to a record that is uncoupled', () => {
  it('is told by the enabled fields of other mappings, and by the side of what they were translated to', () => {
    const mappings = [
      mapping(1, 'SALESPEOPLE', [toSalespeople]),
      mapping(2, 'CUSTOMER', [toSalespeople]),
      mapping(3, 'ORDER', [{ ...toSalespeople, direction: 'ToIntegrationTable' }]),
      mapping(4, 'ITEM', [{ ...toSalespeople, enabled: false }]),
      mapping(5, 'CONTACT', []),
    ]
    const to = 'salesperson → ownerid'
    expect(findReferring('SALESPEOPLE', mappings)).toEqual([
      { mappingId: 2, name: 'CUSTOMER', fields: { local: ['ownerid → salesperson'], remote: [to] } },
      { mappingId: 3, name: 'ORDER', fields: { local: [], remote: [to] } },
    ])
  })

  it('is counted per mapping and named by a few', () => {
    const sum = sumDependents([
      [{ mapping: 'CUSTOMER', records: 6, names: ['text:1', 'text:2', 'text:3', 'text:4', 'text:5'] }],
      [
        { mapping: 'CUSTOMER', records: 1, names: ['text:6'] },
        { mapping: 'CONTACT', records: 1, names: ['text:CT1'] },
      ],
    ])
    expect(nameDependents(sum)).toBe('7 records of CUSTOMER (1, 2, 3, 4, 5, …), 1 record of CONTACT (CT1)')
  })
})
