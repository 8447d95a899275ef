import { describe, expect, it } from 'vitest'
import type { Filter } from '../../../../src/core/mapping/filter.ts'
import { normaliseFilter, parseFilter, printFilter } from '../../../../src/core/mapping/filter-text.ts'

function parsed(text: string): Filter {
  const result = parseFilter(text)
  if (!result.ok) throw new Error(result.problem.message)
  return result.filter
}

describe('parseFilter', () => {
  it('reads comparisons, lists and text tests', () => {
    expect(parsed("blocked = '' and city in ('Aarhus','Odense')")).toEqual({
      and: [
        { field: 'blocked', op: '=', value: '' },
        { field: 'city', op: 'in', values: ['Aarhus', 'Odense'] },
      ],
    })
    expect(parsed("name begins with 'O''' or name contains 'x'")).toEqual({
      or: [
        { field: 'name', op: 'begins with', value: "O'" },
        { field: 'name', op: 'contains', value: 'x' },
      ],
    })
    expect(parsed('isdisabled=false and n>=-12.50')).toEqual({
      and: [
        { field: 'isdisabled', op: '=', value: false },
        { field: 'n', op: '>=', value: { number: '-12.50' } },
      ],
    })
  })

  it('binds `not` tighter than `and`, and `and` tighter than `or`', () => {
    expect(parsed('not a = 1 and b = 2 or c = 3')).toEqual(parsed('((not (a = 1)) and b = 2) or c = 3'))
    expect(parsed('a = 1 and (b = 2 or c = 3)')).toMatchObject({ and: [{ field: 'a' }, { or: [{}, {}] }] })
  })

  it('reads keywords in any case and != as <>', () => {
    expect(parsed('A IS NOT NULL AND b Not In (TRUE) AND c != 1')).toEqual({
      and: [
        { field: 'A', op: 'is not null' },
        { not: { field: 'b', op: 'in', values: [true] } },
        { field: 'c', op: '<>', value: { number: '1' } },
      ],
    })
  })

  it('reads field names in quotes and brackets, with doubled closing characters', () => {
    expect(parsed('"Post ""Code""" is null')).toEqual({ field: 'Post "Code"', op: 'is null' })
    expect(parsed('[No. ]]x] is null')).toEqual({ field: 'No. ]x', op: 'is null' })
    expect(parsed('"and" is null')).toEqual({ field: 'and', op: 'is null' })
    expect(parsed('_ownerid_value is null')).toEqual({ field: '_ownerid_value', op: 'is null' })
    expect(parsed('Gebühr2 is null')).toEqual({ field: 'Gebühr2', op: 'is null' })
  })

  it.each([
    ['', 1, 'a field name, `not` or `(`'],
    ['blocked', 8, '=, <>, <, <=, >, >='],
    ['blocked =', 10, "a value: 'text' in single quotes"],
    ["city = 'Aarhus", 8, 'a closing quote'],
    ['city = Aarhus', 8, "a value: 'text' in single quotes"],
    ['city = null', 8, '`is null` or `is not null`'],
    ["city in ('a'", 13, '`,` or `)`'],
    ['city in ()', 10, 'a value'],
    ['(a = 1', 7, '`)`'],
    ['a = 1 b = 2', 7, '`and`, `or` or the end'],
    ['a begins with 1', 15, 'a text in single quotes'],
    ['a = 1.2.3', 5, 'a field, a value or an operator'],
    ['a = 12abc', 5, 'a field, a value or an operator'],
    ['a ; b', 3, 'a field, a value or an operator'],
  ])('says where %j goes wrong and what was expected', (text, position, expected) => {
    const result = parseFilter(text)
    expect(result.ok).toBe(false)
    if (result.ok) return
    expect(result.problem.code).toBe('FILTER_INVALID')
    expect(result.problem.message).toContain(`position ${position}: expected ${expected}`)
  })

  it('shows the text around the error', () => {
    const result = parseFilter("blocked = '' and citi in 'Odense' or county = 'x'")
    expect(result).toMatchObject({
      problem: { value: "blocked = '' and citi in ▶'Odense' or county =".slice(5) },
    })
  })

  it('refuses deep nesting instead of overflowing the stack', () => {
    for (const open of ['(', 'not ']) {
      const result = parseFilter(`${open.repeat(50_000)}a = 1`)
      expect(result).toMatchObject({ ok: false, problem: { code: 'FILTER_INVALID' } })
    }
    expect(parseFilter(`${'('.repeat(99)}a = 1${')'.repeat(99)}`).ok).toBe(true)
    expect(parseFilter(Array.from({ length: 5_000 }, () => 'a = 1').join(' or ')).ok).toBe(true)
  })
})

describe('printFilter', () => {
  it('writes only the parentheses that are needed', () => {
    const text = `not (a = 1 or "b c" = 'it''s') and d not in (1, 2) and not e is null`
    expect(printFilter(parsed(text))).toBe(text)
  })
})

describe('other spellings', () => {
  it.each([
    ['a ≠ 1 and b≤2 or c ≥3', 'a <> 1 and b <= 2 or c >= 3'],
    [`name not begins with 'A'`, `not name begins with 'A'`],
    [`name NOT CONTAINS 'A' and x = 1`, `not name contains 'A' and x = 1`],
    [`a != 1`, `a <> 1`],
  ])('%s is %s', (spelling, usual) => {
    expect(parsed(spelling)).toEqual(parsed(usual))
  })

  it('says what may follow a `not` behind a field', () => {
    expect(parseFilter('a not = 1')).toMatchObject({
      problem: { message: expect.stringContaining('position 7: expected `in`, `begins with` or `contains`') },
    })
  })
})

describe('normaliseFilter', () => {
  it.each([
    [`a=1 AND(b!='x')`, `a = 1 and b <> 'x'`],
    [`  [Post Code] IN ( 1,2 )  `, `"Post Code" in (1, 2)`],
    [`a = `, `a = `],
    [``, ``],
  ])('gives %j its one spelling', (text, spelling) => {
    expect(normaliseFilter(text)).toBe(spelling)
  })

  it('lets a text stay that its spelling would make too long', () => {
    const text = Array.from({ length: 2_000 }, () => 'a=1').join(' or')
    expect(normaliseFilter(text)).toBe(text)
  })
})
