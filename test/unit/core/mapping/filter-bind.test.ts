import { describe, expect, it } from 'vitest'
import { bindFilter, filterFields } from '../../../../src/core/mapping/filter-bind.ts'
import { matchesFilter } from '../../../../src/core/mapping/filter-match.ts'
import { parseFilter } from '../../../../src/core/mapping/filter-text.ts'
import type { FieldSchema, FieldType } from '../../../../src/core/mapping/schema.ts'
import type { Values } from '../../../../src/core/values/value.ts'

const types: Record<string, FieldType> = {
  name: { kind: 'text', maxLength: 5 },
  code: { kind: 'code', maxLength: 10 },
  count: { kind: 'integer', bits: 16 },
  price: { kind: 'decimal', precision: 5, scale: 2 },
  active: { kind: 'boolean' },
  day: { kind: 'date' },
  id: { kind: 'uuid' },
  state: { kind: 'option', values: [0, 1] },
  extra: { kind: 'json' },
}
const fields: ReadonlyMap<string, FieldSchema> = new Map(
  Object.entries(types).map(([name, type]) => [
    name,
    { name, type, nullable: true, writable: true, hasDefault: false },
  ]),
)

function bind(text: string) {
  const parsed = parseFilter(text)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return bindFilter(parsed.filter, fields)
}

function matches(text: string, values: Values): boolean {
  const bound = bind(text)
  if (!bound.ok) throw new Error(bound.problems[0]?.message)
  return matchesFilter(bound.filter, values, fields)
}

describe('bindFilter', () => {
  it('converts literals to the types of the fields', () => {
    expect(bind("code in (' eur') and price > 12.555 and day = '2024-05-01' and active = true")).toEqual({
      ok: true,
      filter: {
        and: [
          { field: 'code', op: 'in', values: ['text:EUR'] },
          { field: 'price', op: '>', value: 'dec:12.555' },
          { field: 'day', op: '=', value: 'date:2024-05-01' },
          { field: 'active', op: '=', value: 'bool:true' },
        ],
      },
    })
  })

  it('accepts a text longer than the field: it is just never equal', () => {
    expect(bind("name = 'longer than five'").ok).toBe(true)
  })

  it('reports unknown fields and unfit literals all at once', () => {
    const bound = bind(
      "nmae = 'x' or not (name = 5 and count = 1.5) or state in (1, 7, 'x') or day = '1.5.2024'",
    )
    expect(bound.ok ? [] : bound.problems.map(({ code, field }) => [code, field])).toEqual([
      ['FIELD_NOT_FOUND', 'nmae'],
      ['FILTER_INVALID', 'name'],
      ['FILTER_INVALID', 'count'],
      ['FILTER_INVALID', 'state'],
      ['FILTER_INVALID', 'state'],
      ['FILTER_INVALID', 'day'],
    ])
  })

  it.each([
    "price contains 'x'",
    "id < '00000000-0000-4000-8000-000000000001'",
    'active > false',
    "extra = '{}'",
    "active = 'yes'",
    "count = '5'",
    'day = 5',
    'count = 40000',
  ])('refuses %s', (text) => {
    expect(bind(text)).toMatchObject({ ok: false, problems: [{ code: 'FILTER_INVALID' }] })
  })

  it('lists each field of a filter once', () => {
    const parsed = parseFilter("not (a = 1 or b is null) and a > 2 and c in ('x')")
    expect(parsed.ok && filterFields(parsed.filter)).toEqual(['a', 'b', 'c'])
  })
})

describe('matchesFilter', () => {
  it.each<[string, Values, boolean]>([
    ["name = ''", { name: 'text:' }, true],
    ["name = ''", { name: null }, false],
    ["name <> ''", { name: null }, true],
    ["not name = 'x'", { name: null }, true],
    ["not name <> 'x'", { name: null }, false],
    ["name not in ('x')", { name: null }, true],
    ['name is null', {}, true],
    ['count < 10', { count: null }, false],
    ['not count < 10', { count: null }, true],
    ['count < 10', { count: 'int:9' }, true],
    ['count < 10', { count: 'int:10' }, false],
    ['count >= 10', { count: 'int:10' }, true],
    ['price > 9.99', { price: 'dec:10' }, true],
    ['price <= 9.99', { price: 'dec:9.99' }, true],
    ["code = 'eur'", { code: 'text: Eur ' }, true],
    ["code begins with 'e'", { code: 'text:EUR' }, true],
    ["name begins with 'e'", { name: 'text:EUR' }, false],
    ["name contains 'U'", { name: 'text:EUR' }, true],
    ["name contains ''", { name: null }, false],
    ["day > '2024-04-30'", { day: 'date:2024-05-01' }, true],
    ['active = false and state in (0, 1)', { active: 'bool:false', state: 'int:1' }, true],
    ['active = false or state = 1', { active: 'bool:true', state: 'int:0' }, false],
  ])('%s on %j is %s', (text, values, expected) => {
    expect(matches(text, values)).toBe(expected)
  })
})
