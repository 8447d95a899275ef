import { describe, expect, it } from 'vitest'
import { type Column, columnsOf } from '../../../../src/connectors/dataverse/column.ts'
import type { Attribute, TableDescription } from '../../../../src/connectors/dataverse/metadata.ts'
import { asKept, readValue, writeValue } from '../../../../src/connectors/dataverse/values.ts'
import { ExactNumber, parseJson, stringifyJson } from '../../../../src/connectors/odata/json.ts'
import type { ODataRow } from '../../../../src/connectors/odata/page.ts'
import type { Value } from '../../../../src/core/values/value.ts'

const table: TableDescription = {
  logicalName: 'thing',
  entitySet: 'things',
  primaryId: 'thingid',
  hasChangeTracking: true,
  hasVersions: true,
  attributes: [],
  options: new Map([
    [
      'kind',
      [
        { Value: 1, Label: { UserLocalizedLabel: { Label: 'One' } } },
        { Value: 2, Label: null },
      ],
    ],
  ]),
  alternateKeys: [],
  navigation: new Map([
    [
      'owner',
      new Map([
        ['user', 'owner'],
        ['team', 'owner'],
      ]),
    ],
    ['parent', new Map([['thing', 'Parent']])],
  ]),
  hasCreateMultiple: true,
  readPrivilege: null,
}

function columns(attribute: Partial<Attribute> & Pick<Attribute, 'AttributeType'>) {
  return columnsOf({ LogicalName: 'x', ...attribute }, table)
}

function column(attribute: Partial<Attribute> & Pick<Attribute, 'AttributeType'>): Column {
  const found = columns(attribute)
  const [only] = typeof found === 'string' ? [] : found
  if (!only) throw new Error('No column')
  return only
}

describe('a column', () => {
  it.each([
    [
      { AttributeType: 'String', MaxLength: 20 },
      { kind: 'text', maxLength: 20 },
    ],
    [{ AttributeType: 'Integer' }, { kind: 'integer', bits: 32 }],
    [
      { AttributeType: 'Decimal', MaxValue: 999, Precision: 2 },
      { kind: 'decimal', precision: 5, scale: 2 },
    ],
    [
      { AttributeType: 'Money', MaxValue: 99, Precision: 2, PrecisionSource: 0 },
      { kind: 'decimal', precision: 4, scale: 2 },
    ],
    [
      { AttributeType: 'Money', MaxValue: 99, Precision: 2, PrecisionSource: 2 },
      { kind: 'decimal', precision: 6, scale: 4 },
    ],
    [
      { AttributeType: 'Double', MaxValue: 99 },
      { kind: 'decimal', precision: null, scale: null },
    ],
    [{ AttributeType: 'DateTime', DateTimeBehavior: { Value: 'UserLocal' } }, { kind: 'instant' }],
    [{ AttributeType: 'DateTime', DateTimeBehavior: { Value: 'TimeZoneIndependent' } }, { kind: 'moment' }],
    [{ AttributeType: 'DateTime', DateTimeBehavior: { Value: 'DateOnly' } }, { kind: 'date' }],
    [
      { AttributeType: 'Virtual', AttributeTypeName: { Value: 'MultiSelectPicklistType' } },
      { kind: 'text', maxLength: null },
    ],
  ])('%o is a field of type %o', (attribute, type) => {
    expect(column(attribute).field.type).toEqual(type)
  })

  it('with a choice has its labels, or the number where there is none', () => {
    expect(column({ AttributeType: 'Picklist', LogicalName: 'kind' }).field.type).toEqual({
      kind: 'option',
      values: [1, 2],
      labels: [
        { value: 1, name: 'One', caption: 'One' },
        { value: 2, name: '2', caption: '2' },
      ],
    })
  })

  it('that leads to several tables has a field for the table beside it; to one, none', () => {
    expect(columns({ AttributeType: 'Owner', LogicalName: 'owner' })).toMatchObject([
      { field: { name: 'owner', type: { kind: 'uuid' }, writable: true }, property: '_owner_value' },
      { field: { name: 'ownertype', type: { kind: 'text' } }, property: '_owner_value', typeOf: 'owner' },
    ])
    expect(columns({ AttributeType: 'Lookup', LogicalName: 'parent' })).toHaveLength(1)
    expect(column({ AttributeType: 'Lookup', LogicalName: 'elsewhere' })).toMatchObject({
      field: { writable: false },
    })
  })

  it('that only explains another one is none; a type that nobody can read is named', () => {
    expect(columns({ AttributeType: 'String', AttributeOf: 'owner' })).toEqual([])
    expect(columns({ AttributeType: 'EntityName' })).toEqual([])
    expect(columns({ AttributeType: 'String', IsValidForRead: false })).toEqual([])
    expect(columns({ AttributeType: 'Virtual', AttributeTypeName: { Value: 'ImageType' } })).toBe('ImageType')
  })
})

describe('values', () => {
  const money = column({ AttributeType: 'Money', Precision: 4 })
  const text = column({ AttributeType: 'String' })
  const time = column({ AttributeType: 'DateTime' })
  const wall = column({ AttributeType: 'DateTime', DateTimeBehavior: { Value: 'TimeZoneIndependent' } })
  const day = column({ AttributeType: 'DateTime', DateTimeBehavior: { Value: 'DateOnly' } })
  const yes = column({ AttributeType: 'Boolean' })
  const from = (each: Column, json: string): Value | undefined =>
    readValue(each, parseJson(`{"x":${json}}`) as ODataRow)

  it.each([
    [money, '922337203685477.5807', 'dec:922337203685477.5807'],
    [money, '20000.0000', 'dec:20000'],
    [money, '1e-7', 'dec:0.0000001'],
    [text, '""', null],
    [text, '"a"', 'text:a'],
    [time, '"2024-05-01T08:00:00Z"', 'instant:2024-05-01T08:00:00.000000Z'],
    [wall, '"2024-05-01T08:00:00Z"', 'moment:2024-05-01T08:00:00.000000'],
    [day, '"2024-05-01"', 'date:2024-05-01'],
    [yes, 'true', 'bool:true'],
    [yes, 'null', null],
  ] as const)('are read exactly', (each, json, value) => {
    expect(from(each, json)).toBe(value)
  })

  it.each([
    [money, '"1"'],
    [text, '1'],
    [time, '"2024-05-01"'],
    [time, '"2024-05-01T08:00:00+02:00"'],
    [day, '"2024-05-01T00:00:00Z"'],
    [yes, '1'],
  ] as const)('of another type are none', (each, json) => {
    expect(from(each, json)).toBeUndefined()
    expect(readValue(each, {})).toBeUndefined()
  })

  it('are written exactly', () => {
    expect(writeValue(money, 'dec:922337203685477.5807')).toEqual(new ExactNumber('922337203685477.5807'))
    expect(stringifyJson({ x: writeValue(money, 'dec:922337203685477.5807') })).toBe(
      '{"x":922337203685477.5807}',
    )
    expect(writeValue(time, 'instant:2024-05-01T08:00:00.120000Z')).toBe('2024-05-01T08:00:00.12Z')
    expect(writeValue(wall, 'moment:2024-05-01T10:00:00.000000')).toBe('2024-05-01T10:00:00Z')
    expect(writeValue(yes, 'bool:false')).toBe(false)
    expect(writeValue(text, null)).toBeNull()
    expect(() => writeValue(money, 'dec:NaN')).toThrow(RangeError)
  })

  it('come back as the service keeps them', () => {
    expect(asKept(text, 'text:')).toBeNull()
    expect(asKept(time, 'instant:2024-05-01T08:00:00.999999Z')).toBe('instant:2024-05-01T08:00:00.000000Z')
    expect(asKept(money, 'dec:1.5')).toBe('dec:1.5')
  })
})
