import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Filter, Literal } from '../../../src/core/mapping/filter.ts'
import { bindFilter } from '../../../src/core/mapping/filter-bind.ts'
import { matchesFilter } from '../../../src/core/mapping/filter-match.ts'
import { parseFilter, printFilter } from '../../../src/core/mapping/filter-text.ts'
import type { FieldSchema } from '../../../src/core/mapping/schema.ts'

const number = fc
  .tuple(fc.integer(), fc.option(fc.nat(999)))
  .map(([whole, decimals]) => ({ number: decimals === null ? String(whole) : `${whole}.${decimals}` }))
const literal: fc.Arbitrary<Literal> = fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean(), number)
const field = fc.oneof(
  fc.constantFrom('name', 'Post Code', 'and', 'NULL', 'with', '2nd', 'a]b"c', '_id'),
  fc.string({ minLength: 1 }),
)
const comparison = fc.constantFrom('=', '<>', '<', '<=', '>', '>=' as const)
const test: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ field, op: comparison, value: literal }),
  fc.record({ field, op: fc.constantFrom('begins with', 'contains' as const), value: fc.string() }),
  fc.record({
    field,
    op: fc.constant('in' as const),
    values: fc.array(literal, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ field, op: fc.constantFrom('is null', 'is not null' as const) }),
)

const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5 },
    test,
    fc.record({ and: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter

describe('the filter language', () => {
  it('reads what it has written', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(parseFilter(printFilter(filter))).toEqual({ ok: true, filter })
      }),
      { numRuns: 1000 },
    )
  })

  it('answers any text with a filter or one problem, never with an exception', () => {
    const words = fc.constantFrom(
      'a',
      '=',
      'and',
      'or',
      'not',
      '(',
      ')',
      "'x'",
      'in',
      'is',
      'null',
      '1',
      '"b c"',
      ',',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(text, (source) => {
        const result = parseFilter(source)
        if (result.ok) expect(parseFilter(printFilter(result.filter))).toEqual(result)
        else expect(result.problem.code).toBe('FILTER_INVALID')
      }),
      { numRuns: 2000 },
    )
  })

  it('gives <> and = opposite answers, and orders two values in exactly one way; null has no order', () => {
    const type: FieldSchema['type'] = { kind: 'text', maxLength: null }
    const fields = new Map([['t', { name: 't', type, nullable: true, writable: true, hasDefault: false }]])
    const someText = fc.string({ maxLength: 2, unit: fc.constantFrom('', 'a', 'b', 'B', '😀', '\uffff') })
    fc.assert(
      fc.property(fc.option(someText), someText, (raw, wanted) => {
        const values = { t: raw === null ? null : (`text:${raw}` as const) }
        const answer = (op: '=' | '<>' | '<' | '<=' | '>' | '>=') => {
          const bound = bindFilter({ field: 't', op, value: wanted }, fields)
          return bound.ok && matchesFilter(bound.filter, values, fields)
        }
        expect(answer('<>')).toBe(!answer('='))
        expect([answer('<'), answer('='), answer('>')].filter(Boolean)).toHaveLength(raw === null ? 0 : 1)
        expect(answer('<=')).toBe(answer('<') || answer('='))
        expect(answer('>=')).toBe(answer('>') || answer('='))
      }),
      { numRuns: 500 },
    )
  })
})
