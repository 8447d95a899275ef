import { describe, expect, it } from 'vitest'
import type { FieldSchema, FieldType, TableSchema } from '../../../../src/core/mapping/schema.ts'
import { likeness, suggestMapping } from '../../../../src/core/mapping/suggest.ts'

const text: FieldType = { kind: 'text', maxLength: 50 }
const field = (name: string, type: FieldType = text, more: Partial<FieldSchema> = {}): FieldSchema => ({
  name,
  type,
  nullable: true,
  writable: true,
  hasDefault: false,
  ...more,
})

function table(name: string, fields: readonly FieldSchema[], more: Partial<TableSchema> = {}): TableSchema {
  return {
    table: name,
    fields: new Map(fields.map((each) => [each.name, each])),
    keyFields: ['id'],
    creation: 'given',
    modifiedField: null,
    exactVersions: true,
    maxServerRunMs: 0,
    estimatedRows: null,
    ...more,
  }
}

const id = field('id', { kind: 'uuid' }, { nullable: false })
const money: FieldType = { kind: 'decimal', precision: 18, scale: 2 }
const time: FieldType = { kind: 'instant' }
const customer = table('Customer', [
  id,
  field('No.'),
  field('Name'),
  field('E-Mail'),
  field('Phone No.'),
  field('Post Code'),
  field('Credit Limit', money),
  field('Blocked', { kind: 'option', values: [0, 1] }),
  field('Last Modified', time),
  field('Internal Note'),
])
const account = table('account', [
  id,
  field('accountnumber'),
  field('number'),
  field('name'),
  field('emailaddress1'),
  field('telephone_number'),
  field('address1_postalcode'),
  field('creditlimit', money),
  field('blocked', { kind: 'boolean' }),
  field('modifiedon', time),
])

const pairsOf = (local: TableSchema, remote: TableSchema) =>
  suggestMapping('X', { local, remote })?.definition.fields.map((row) => `${row.local} = ${row.remote}`)

describe('a suggested mapping', () => {
  it('pairs what is called alike, and leaves out keys, times and options', () => {
    expect(pairsOf(customer, account)).toEqual([
      'Credit Limit = creditlimit',
      'E-Mail = emailaddress1',
      'Name = name',
      'No. = number',
      'Phone No. = telephone_number',
    ])
  })

  it('names the modified fields, is valid, and lists what is left', () => {
    const found = suggestMapping('X', { local: customer, remote: account })
    expect(found?.definition).toMatchObject({
      direction: 'Bidirectional',
      local: { table: 'Customer', modifiedField: 'Last Modified' },
      remote: { table: 'account', modifiedField: 'modifiedon' },
    })
    expect(found?.problems).toEqual([])
    expect(found?.unmapped.remote).toContain('address1_postalcode')
  })

  it('pairs no fields between whose types nothing can be converted, and goes one way where one cannot be written', () => {
    const local = table('a', [id, field('name', { kind: 'date' }), field('size'), field('total', money)])
    const remote = table('b', [
      id,
      field('name', { kind: 'boolean' }),
      field('size'),
      field('total', money, { writable: false }),
    ])
    expect(suggestMapping('X', { local, remote })?.definition.fields).toMatchObject([
      { local: 'size', direction: 'Bidirectional' },
      { local: 'total', direction: 'FromIntegrationTable' },
    ])
  })

  it('goes only where records can be created: a key that nobody maps is left to its own side', () => {
    const local = table('a', [field('code'), field('name')], { keyFields: ['code'] })
    const remote = table('b', [id, field('name')])
    expect(suggestMapping('X', { local, remote })).toMatchObject({
      definition: { direction: 'ToIntegrationTable' },
      problems: [],
    })
  })

  it('matches by a key that is mapped', () => {
    const local = table('a', [field('code'), field('name')], { keyFields: ['code'] })
    const remote = table('b', [id, field('code'), field('name')])
    expect(suggestMapping('X', { local, remote })?.definition.fields[0]).toMatchObject({
      local: 'code',
      match: { priority: 0 },
    })
  })

  it('is none where nothing is alike', () => {
    const other = table('b', [id, field('colour')])
    expect(suggestMapping('X', { local: customer, remote: other })).toBeNull()
  })

  it.each([
    ['E-Mail', 'emailaddress1', 1],
    ['Post Code', 'postalcode', 1],
    ['new_colour', 'Colour', 1],
    ['creditLimit', 'Credit Limit', 1],
    ['Größe', 'GROSSE', 0],
    ['', 'x', 0],
  ])('%j and %j are %d alike', (one, other, expected) => {
    expect(likeness(one, other)).toBe(expected)
  })
})
