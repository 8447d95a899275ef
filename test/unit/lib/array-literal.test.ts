import { describe, expect, it } from 'vitest'
import { arrayLiteral } from '../../../src/lib/array-literal.ts'

describe('the text of a PostgreSQL array', () => {
  it('quotes texts, so that the word NULL, braces, commas and blanks are only text', () => {
    expect(arrayLiteral(['NULL', '{a,b}', ' ', ''])).toBe('{"NULL","{a,b}"," ",""}')
  })

  it('writes null, numbers and booleans without quotes', () => {
    expect(arrayLiteral([null, 12, true])).toBe('{null,12,true}')
    expect(arrayLiteral([])).toBe('{}')
  })

  it('escapes quotes and backslashes, and nothing else: line breaks stay as they are', () => {
    expect(arrayLiteral(['say "hi"', 'C:\\new', null, 'two\nlines', 7])).toBe(
      '{"say \\"hi\\"","C:\\\\new",null,"two\nlines",7}',
    )
  })
})
