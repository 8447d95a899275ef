import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { businessCentralDialect, dataverseDialect } from '../../../../src/connectors/odata/dialects.ts'
import { toServerFilter } from '../../../../src/connectors/odata/filter.ts'
import type { FilterDialect, FilterProperty } from '../../../../src/connectors/odata/filter-dialect.ts'
import type { ServerFilter } from '../../../../src/connectors/odata/server-filter.ts'
import type { BoundFilter } from '../../../../src/core/mapping/filter.ts'
import { matchesFilter } from '../../../../src/core/mapping/filter-match.ts'
import type { FieldSchema, FieldType } from '../../../../src/core/mapping/schema.ts'
import { rawOf, type Value, type Values } from '../../../../src/core/values/value.ts'
import { evaluate, type ServerRow } from '../../../support/http/odata-evaluator.ts'

type Kinds = Readonly<Record<string, { readonly type: FieldType; readonly property: FilterProperty }>>

const property = (
  name: string,
  type: FilterProperty['type'],
  more: Partial<FilterProperty> = {},
): FilterProperty => ({ name, type, nullable: true, scale: null, blank: null, ...more })

/** Fields of a Dataverse table, and how they are asked for. */
const dataverse: Kinds = {
  name: { type: { kind: 'text', maxLength: 100 }, property: property('name', 'Edm.String') },
  city: { type: { kind: 'text', maxLength: 100 }, property: property('city', 'Edm.String') },
  size: { type: { kind: 'integer', bits: 32 }, property: property('size', 'Edm.Int32') },
  price: {
    type: { kind: 'decimal', precision: null, scale: 2 },
    property: property('price', 'Edm.Decimal', { scale: 2 }),
  },
  active: { type: { kind: 'boolean' }, property: property('active', 'Edm.Boolean') },
  born: { type: { kind: 'date' }, property: property('born', 'Edm.Date') },
  modified: {
    type: { kind: 'instant' },
    property: property('modifiedon', 'Edm.DateTimeOffset', { scale: 0, nullable: false }),
  },
  owner: { type: { kind: 'uuid' }, property: property('_ownerid_value', 'Edm.Guid') },
}

/** The same in Business Central: nothing is null there, blank values are what we call null. */
const businessCentral: Kinds = {
  name: { type: { kind: 'text', maxLength: 100 }, property: property('name', 'Edm.String', { blank: "''" }) },
  city: { type: { kind: 'code', maxLength: 20 }, property: property('city', 'Edm.String', { blank: "''" }) },
  size: { type: { kind: 'integer', bits: 32 }, property: property('size', 'Edm.Int32', { nullable: false }) },
  price: {
    type: { kind: 'decimal', precision: null, scale: null },
    property: property('price', 'Edm.Decimal', { nullable: false }),
  },
  active: { type: { kind: 'boolean' }, property: property('active', 'Edm.Boolean', { nullable: false }) },
  born: { type: { kind: 'date' }, property: property('born', 'Edm.Date', { blank: '0001-01-01' }) },
  modified: {
    type: { kind: 'instant' },
    property: property('modifiedon', 'Edm.DateTimeOffset', { scale: 3, nullable: false }),
  },
  owner: {
    type: { kind: 'uuid' },
    property: property('owner', 'Edm.Guid', { blank: '00000000-0000-0000-0000-000000000000' }),
  },
}

const propertiesOf = (kinds: Kinds) =>
  new Map(Object.entries(kinds).map(([name, kind]) => [name, kind.property]))
const fieldsOf = (kinds: Kinds): ReadonlyMap<string, FieldSchema> =>
  new Map(
    Object.entries(kinds).map(([name, { type }]) => [
      name,
      { name, type, nullable: true, writable: true, hasDefault: false },
    ]),
  )

const ask = (
  filter: BoundFilter,
  kinds = dataverse,
  dialect: FilterDialect = dataverseDialect,
): ServerFilter => toServerFilter(filter, propertiesOf(kinds), dialect)
const shown = (filter: ServerFilter) =>
  filter.kind === 'expression'
    ? `${filter.text}${filter.isExact ? '' : ' …'}`
    : `${filter.kind}${filter.isExact ? '' : ' …'}`
const is = (field: string, value: NonNullable<Value>): BoundFilter => ({ field, op: '=', value })

describe('what Dataverse is asked', () => {
  it.each<readonly [string, BoundFilter, string]>([
    ['text without regard to case', is('name', "text:O'B"), "name eq 'O''B' …"],
    ['no empty text', is('name', 'text:'), 'everything …'],
    ['no difference of texts', { field: 'name', op: '<>', value: 'text:A' }, 'everything …'],
    ['no order of texts', { field: 'name', op: '<', value: 'text:A' }, 'everything …'],
    ['a number', is('size', 'int:5'), 'size eq 5'],
    ['a difference, null included', { field: 'size', op: '<>', value: 'int:5' }, 'size ne 5 or size eq null'],
    [
      'the complement, null included',
      { not: { field: 'size', op: '<', value: 'int:5' } },
      'size ge 5 or size eq null',
    ],
    ['equality behind two negations', { not: { field: 'size', op: '<>', value: 'int:5' } }, 'size eq 5'],
    ['a decimal as fine as the column', is('price', 'dec:1.25'), 'price eq 1.25'],
    ['no finer decimal', is('price', 'dec:1.255'), 'everything …'],
    ['no number that is none', { field: 'price', op: '<', value: 'dec:NaN' }, 'everything …'],
    [
      'a lookup',
      is('owner', 'uuid:01234567-89ab-cdef-0123-456789abcdef'),
      '_ownerid_value eq 01234567-89ab-cdef-0123-456789abcdef',
    ],
    ['nothing is null where nothing can be', { field: 'modified', op: 'is null' }, 'nothing'],
    ['null', { field: 'born', op: 'is not null' }, 'born ne null'],
    ['no date before its time', { field: 'born', op: '>', value: 'date:1752-12-31' }, 'everything …'],
    [
      'a second, whatever it is kept with',
      is('modified', 'instant:2024-05-01T08:00:00.000000Z'),
      'modifiedon ge 2024-05-01T08:00:00Z and modifiedon lt 2024-05-01T08:00:01Z',
    ],
    ['no part of a second', is('modified', 'instant:2024-05-01T08:00:00.500000Z'), 'nothing'],
    [
      'after a part of a second',
      { field: 'modified', op: '>', value: 'instant:2024-05-01T08:00:00.500000Z' },
      'modifiedon ge 2024-05-01T08:00:01Z',
    ],
    [
      'the begin of a text',
      { field: 'name', op: 'begins with', value: 'text:50%_a' },
      "startswith(name,'50%_a') …",
    ],
    [
      'the begin up to a set',
      { field: 'name', op: 'begins with', value: 'text:ab[c]d' },
      "startswith(name,'ab') …",
    ],
    [
      'the longest part between sets',
      { field: 'name', op: 'contains', value: 'text:a[bcd]ef' },
      "contains(name,'bcd') …",
    ],
    ['no part that is all set', { field: 'name', op: 'contains', value: 'text:[]' }, 'everything …'],
    ['a list', { field: 'size', op: 'in', values: ['int:1', 'int:2'] }, 'size eq 1 or size eq 2'],
    [
      'a long list',
      {
        field: 'name',
        op: 'in',
        values: [...'abcdefghij'].map((letter): NonNullable<Value> => `text:${letter}`),
      },
      `Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=${JSON.stringify([...'abcdefghij'])}) …`,
    ],
    ['nothing out of an empty list', { field: 'size', op: 'in', values: [] }, 'nothing'],
    ['everything outside of an empty list', { not: { field: 'size', op: 'in', values: [] } }, 'everything'],
    [
      'what it can of a conjunction',
      { and: [is('size', 'int:1'), { field: 'name', op: '<>', value: 'text:A' }] },
      'size eq 1 …',
    ],
    [
      'nothing of half a choice',
      { or: [is('size', 'int:1'), { field: 'name', op: '<>', value: 'text:A' }] },
      'everything …',
    ],
    [
      'groups in brackets',
      { and: [{ or: [is('size', 'int:1'), is('active', 'bool:true')] }, is('born', 'date:2024-05-01')] },
      '(size eq 1 or active eq true) and born eq 2024-05-01',
    ],
    ['no field it does not know', is('unknown', 'int:1'), 'everything …'],
    [
      'no question too long',
      { field: 'name', op: 'contains', value: `text:${'é'.repeat(3_000)}` },
      'everything …',
    ],
  ])('%s', (_what, filter, question) => {
    expect(shown(ask(filter))).toBe(question)
  })
})

describe('what Business Central is asked', () => {
  const members = new Map([
    ['0', '_x0020_'],
    ['1', 'Not_x0020_Started'],
    ['2', 'Draft'],
  ])
  const status = property('status', 'Edm.String', { nullable: false, memberNames: members })
  const kinds: Kinds = {
    ...businessCentral,
    status: { type: { kind: 'option', values: [0, 1, 2] }, property: status },
  }

  it.each<readonly [string, BoundFilter, string]>([
    ['text', is('name', 'text:Contoso'), "name eq 'Contoso' …"],
    ['no text that AL reads otherwise', is('name', 'text:A*B'), 'everything …'],
    ['no range by mistake', { field: 'name', op: 'contains', value: 'text:a..b' }, 'everything …'],
    ['blank in place of null', { field: 'born', op: 'is null' }, 'born eq 0001-01-01'],
    ['blank of a text, with care', { field: 'name', op: 'is null' }, "name eq '' …"],
    ['a difference, of which blank is one', { field: 'size', op: '<>', value: 'int:5' }, 'size ne 5'],
    [
      'nothing blank by mistake',
      { field: 'born', op: '<', value: 'date:2024-05-01' },
      'born lt 2024-05-01 …',
    ],
    [
      'a choice within one property',
      { field: 'size', op: 'in', values: ['int:1', 'int:2'] },
      'size eq 1 or size eq 2',
    ],
    ['no choice across properties', { or: [is('size', 'int:1'), is('active', 'bool:true')] }, 'everything …'],
    [
      'no choice between ranges',
      { or: [is('size', 'int:1'), { and: [is('size', 'int:2'), is('size', 'int:3')] }] },
      'everything …',
    ],
    [
      'one choice of a property only',
      {
        and: [
          { field: 'size', op: 'in', values: ['int:1', 'int:2'] },
          { field: 'size', op: '<>', value: 'int:2' },
        ],
      },
      'size eq 1 or size eq 2 …',
    ],
    ['a member by its name', is('status', 'int:2'), "status eq 'Draft'"],
    ['no member with an escape', is('status', 'int:1'), 'everything …'],
    ['no blank member', { field: 'status', op: '<>', value: 'int:0' }, 'everything …'],
    ['no order of members', { field: 'status', op: '<', value: 'int:2' }, 'everything …'],
  ])('%s', (_what, filter, question) => {
    expect(shown(ask(filter, kinds, businessCentralDialect))).toBe(question)
  })
})

const pools: Readonly<Record<string, readonly NonNullable<Value>[]>> = {
  name: ['text:Ab', 'text:aB', 'text:b%_', 'text:a[b]', 'text:', "text:O'b", 'text:A*b', 'text:éß'],
  city: ['text:AB', 'text:B', 'text:A'],
  size: ['int:-1', 'int:0', 'int:2', 'int:10'],
  price: ['dec:-1', 'dec:0', 'dec:1.25', 'dec:1.255', 'dec:10'],
  active: ['bool:true', 'bool:false'],
  born: ['date:1700-01-01', 'date:2024-02-29', 'date:2024-05-01'],
  modified: [
    'instant:2024-05-01T08:00:00.000000Z',
    'instant:2024-05-01T08:00:00.001000Z',
    'instant:2024-05-01T08:00:00.500000Z',
    'instant:2024-05-01T08:00:01.000000Z',
  ],
  owner: ['uuid:01234567-89ab-cdef-0123-456789abcdef', 'uuid:fedcba98-7654-3210-fedc-ba9876543210'],
}
const names = Object.keys(pools)
const anyValue = (field: string) => fc.constantFrom(...(pools[field] ?? []))

const operatorsOf = (field: string) => {
  const equal = ['=', '<>'] as const
  const ordered = [...equal, '<', '<=', '>', '>='] as const
  const text = [...ordered, 'begins with', 'contains'] as const
  if (field === 'name' || field === 'city') return fc.constantFrom(...text)
  return field === 'active' || field === 'owner' ? fc.constantFrom(...equal) : fc.constantFrom(...ordered)
}

const tests: fc.Arbitrary<BoundFilter> = fc.constantFrom(...names).chain((field) =>
  fc.oneof(
    fc.record({ field: fc.constant(field), op: operatorsOf(field), value: anyValue(field) }),
    fc.record({
      field: fc.constant(field),
      op: fc.constant('in' as const),
      values: fc.array(anyValue(field), { maxLength: 12 }),
    }),
    fc.record({ field: fc.constant(field), op: fc.constantFrom('is null' as const, 'is not null' as const) }),
  ),
)
const filters = fc.letrec<{ filter: BoundFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tests,
    fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter
const rows = fc.record(
  Object.fromEntries(
    names.map((field) => [
      field,
      field === 'modified' ? anyValue(field) : fc.option(anyValue(field), { freq: 3 }),
    ]),
  ),
) as fc.Arbitrary<Values>

describe.each([
  ['Dataverse', dataverse, dataverseDialect, 0],
  ['Business Central', businessCentral, businessCentralDialect, 3],
] as const)('any filter, asked of %s', (_system, kinds, dialect, digits) => {
  const fields = fieldsOf(kinds)

  /** What we read: times as the service shows them, null only where there can be one. */
  const seen = (row: Values): Values =>
    Object.fromEntries(
      Object.entries(row).map(([field, value]) => {
        const kind = kinds[field]
        if (field === 'modified' && value) {
          const fraction = rawOf(value)
            .slice(20, 20 + digits)
            .padEnd(6, '0')
          return [field, `instant:${rawOf(value).slice(0, 19)}.${fraction}Z`]
        }
        if (value === 'text:') return [field, null]
        return [field, value === null && !kind?.property.nullable ? (pools[field]?.[0] ?? null) : value]
      }),
    )

  /** What the service keeps. */
  const kept = (row: Values, read: Values): ServerRow =>
    Object.fromEntries(
      Object.entries(kinds).map(
        ([
          field,
          {
            property: { name, blank },
          },
        ]) => {
          const value = field === 'modified' ? row[field] : read[field]
          const raw = value ? rawOf(value) : blank === null ? null : blank.replaceAll("'", '')
          return [name, raw]
        },
      ),
    )

  it('lets through whatever the filter lets through, and nothing else where it says so', () => {
    fc.assert(
      fc.property(filters, rows, (filter, row) => {
        const question = toServerFilter(filter, propertiesOf(kinds), dialect)
        const read = seen(row)
        const wanted = matchesFilter(filter, read, fields)
        const given =
          question.kind === 'expression'
            ? evaluate(question.text, kept(row, read))
            : question.kind === 'everything'
        if (wanted) expect(given).toBe(true)
        if (question.isExact) expect(given).toBe(wanted)
      }),
      { numRuns: 3_000 },
    )
  })
})
