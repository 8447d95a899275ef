import { describe, expect, it } from 'vitest'
import { MappingDefinition } from '../../../../src/core/mapping/definition.ts'
import { mappedFields } from '../../../../src/core/mapping/mapped-fields.ts'
import type { FieldSchema, FieldType } from '../../../../src/core/mapping/schema.ts'
import {
  findSchemaChanges,
  judgeSchemaChanges,
  KnownSchema,
  schemaPolicies,
  toKnownSchema,
} from '../../../../src/core/mapping/schema-drift.ts'

const text = (maxLength: number | null): FieldType => ({ kind: 'text', maxLength })
const decimal = (precision: number | null, scale: number | null): FieldType => ({
  kind: 'decimal',
  precision,
  scale,
})
const field = (name: string, type: FieldType = text(30), more: Partial<FieldSchema> = {}): FieldSchema => ({
  name,
  type,
  nullable: true,
  writable: true,
  hasDefault: false,
  ...more,
})
const schema = (...fields: readonly FieldSchema[]) =>
  toKnownSchema({ keyFields: [], fields: new Map(fields.map((each) => [each.name, each])) })
const mapped = new Set(['name', 'gone'])

const compare = (before: FieldSchema, now: FieldSchema) =>
  findSchemaChanges(schema(before), schema(now), mapped).map((change) => `${change.kind}: ${change.text}`)

describe('what has changed in a table', () => {
  it('is nothing as long as it is the same, whatever is stored in between', () => {
    const same = schema(field('name'), field('kind', { kind: 'option', values: [0, 1] }))
    expect(findSchemaChanges(KnownSchema.parse(JSON.parse(JSON.stringify(same))), same, mapped)).toEqual([])
  })

  it('is a mapped field that has gone; another one may go', () => {
    expect(findSchemaChanges(schema(field('gone'), field('other')), schema(), mapped)).toEqual([
      { field: 'gone', kind: 'gone', text: 'has gone' },
    ])
  })

  it('is a field that is new, and whether new records need it', () => {
    const now = schema(field('a'), field('b', text(1), { nullable: false }))
    expect(findSchemaChanges(schema(), now, mapped).map(({ text: told }) => told)).toEqual([
      'is new',
      'is new and required',
    ])
  })

  it.each<[string, FieldType, FieldType, readonly string[]]>([
    ['another type', text(30), { kind: 'date' }, ['type: is date instead of text']],
    ['a shorter text', text(50), text(20), ['shortened: takes 20 instead of 50 characters']],
    ['a first limit', text(null), text(20), ['shortened: takes 20 instead of any number of characters']],
    ['a longer text', text(20), text(50), []],
    ['no limit any more', text(20), text(null), []],
    [
      'a smaller number',
      { kind: 'integer', bits: 64 },
      { kind: 'integer', bits: 32 },
      ['shortened: takes 32 instead of 64 bits'],
    ],
    ['fewer decimals', decimal(18, 4), decimal(18, 2), ['shortened: takes 2 instead of 4 decimals']],
    [
      'more decimals that cost digits',
      decimal(18, 2),
      decimal(18, 4),
      ['shortened: takes 14 instead of 16 digits'],
    ],
    ['more of both', decimal(18, 2), decimal(20, 4), []],
    [
      'an option less',
      { kind: 'option', values: [0, 1, 2] },
      { kind: 'option', values: [0, 2, 3] },
      ['shortened: no longer has 1'],
    ],
    ['an option more', { kind: 'option', values: [0] }, { kind: 'option', values: [0, 1] }, []],
  ])('of a mapped field: %s', (_case, before, now, told) => {
    expect(compare(field('name', before), field('name', now))).toEqual(told)
  })

  it('of a field that is not mapped, is only that new records need it', () => {
    expect(compare(field('x', text(9)), field('x', text(1), { writable: false }))).toEqual([])
    expect(compare(field('x'), field('x', text(30), { nullable: false }))).toEqual([
      'required: is now required',
    ])
    const withDefault = { nullable: false, hasDefault: true }
    expect(compare(field('x'), field('x', text(30), withDefault))).toEqual([])
  })

  it('of a mapped field, is that it cannot be written any more', () => {
    expect(compare(field('name'), field('name', text(30), { writable: false }))).toEqual([
      'read-only: can no longer be written',
    ])
  })

  it('knows fields by their own names, whatever these are', () => {
    expect(findSchemaChanges(schema(), schema(), new Set(['constructor', '__proto__']))).toEqual([])
  })
})

describe('the policy', () => {
  const changes = findSchemaChanges(schema(field('gone')), schema(field('a')), mapped)
  it.each([
    ['stop', 2, 0],
    ['ignore new', 1, 0],
    ['warn', 0, 2],
  ] as const)('%s stops at %i and tells %i', (policy, stopping, told) => {
    const judged = judgeSchemaChanges(policy, changes)
    expect([judged.stopping.length, judged.told.length]).toEqual([stopping, told])
  })

  it.each(schemaPolicies)('%s is quiet when nothing has changed', (policy) => {
    expect(judgeSchemaChanges(policy, [])).toEqual({ stopping: [], told: [] })
  })
})

describe('the fields a mapping names', () => {
  it('are those of its rows, settings, filters, templates and archive, by side', () => {
    const definition = MappingDefinition.parse({
      name: 'X',
      direction: 'Bidirectional',
      local: {
        table: 'a',
        keyFields: ['no'],
        modifiedField: 'at',
        filter: "kind = 'x' and (size > 1 or not grade is null)",
        ignore: 'closed = true',
        require: [{ filter: 'rate is not null' }],
      },
      remote: { table: 'b', versionField: 'version', referenceField: 'code' },
      archive: { remote: { field: 'state', value: '1' } },
      templates: [{ name: 'T', side: 'remote', filter: "land = 'DK'", values: { language: 'da' } }],
      fields: [
        {
          local: 'first',
          remote: 'full',
          direction: 'ToIntegrationTable',
          transform: [{ concat: { fields: ['last'] } }],
        },
        { local: 'off', remote: 'off', enabled: false },
      ],
    })
    expect([...mappedFields(definition, 'local')].sort()).toEqual([
      'at',
      'closed',
      'first',
      'grade',
      'kind',
      'land',
      'last',
      'no',
      'rate',
      'size',
    ])
    expect([...mappedFields(definition, 'remote')].sort()).toEqual([
      'code',
      'full',
      'language',
      'state',
      'version',
    ])
  })
})
