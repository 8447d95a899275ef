import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatternError } from '../../../../src/core/transform/pattern/parse.ts'
import { compilePattern } from '../../../../src/core/transform/pattern/program.ts'
import { replaceMatches } from '../../../../src/core/transform/pattern/replace.ts'

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '\\s', '\\p{L}', '😀', '\\.')
const sign = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?', '+?', '??')
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(atom, sign).map(([one, repeated]) => one + repeated),
    fc.constantFrom('^', '$', '\\b'),
    fc
      .tuple(fc.constantFrom('(', '(?:'), tie('pattern'), sign)
      .map(([open, inner, repeated]) => `${open}${inner})${repeated}`),
  ),
  pattern: fc
    .array(
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((ways) => ways.join('|')),
}))
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', ' ', '.', '😀', 'é'), maxLength: 12 })

/** The program of a pattern; the few that repeat something empty are refused and not compared. */
function compiled(source: string, ignoreCase: boolean) {
  try {
    return compilePattern(source, ignoreCase)
  } catch (error) {
    if (error instanceof PatternError) return null
    throw error
  }
}

describe('replacing by a pattern', () => {
  it('gives what the engine of the language gives', () => {
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (source, subject, ignoreCase) => {
        const program = compiled(source, ignoreCase)
        fc.pre(program !== null)
        const native = new RegExp(source, ignoreCase ? 'giu' : 'gu')
        expect(replaceMatches(program, subject, '<$&$$>')).toBe(subject.replace(native, '<$&$$>'))
        const group = program.slots > 2 ? '<$1>' : ''
        expect(replaceMatches(program, subject, group)).toBe(subject.replace(native, group))
      }),
      { numRuns: 3_000 },
    )
  })

  it('takes a time that grows with the text, also where other engines never come back', () => {
    const program = compilePattern('^(([a-z])+.)+[A-Z]([a-z])+$', false)
    const long = 'a'.repeat(2_000)
    expect(replaceMatches(program, long, '')).toBe(long)
  })
})
