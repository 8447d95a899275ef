import { describe, expect, it } from 'vitest'
import { compileChain, compileStep } from '../../../../src/core/transform/compile-chain.ts'
import { askFunction, type OwnFunction } from '../../../../src/core/transform/function-rule.ts'
import { StepError } from '../../../../src/core/transform/rule.ts'
import { TransformStep } from '../../../../src/core/transform/steps.ts'
import { tagged, text, type Value, valueTags } from '../../../../src/core/values/value.ts'

const asked =
  (own: (value: string) => unknown): OwnFunction =>
  (value) =>
    askFunction(own, value)

const functions = new Map([
  [
    'own.ts',
    {
      fingerprint: '1',
      exports: new Map<string, OwnFunction>([
        ['reversed', asked((value) => [...value].reverse().join(''))],
        ['broken', asked(() => Promise.resolve('x'))],
        [
          'throws',
          asked((value) => {
            throw new Error(`no ${value}`)
          }),
        ],
        ['nothing', asked(() => null)],
      ]),
    },
  ],
])

const isTagged = (value: string) => valueTags.some((tag) => value.startsWith(`${tag}:`))

/** What the steps, written as in a file, make of a value; the code where it is refused. */
function run(steps: readonly unknown[], value: Value | string, record = {}) {
  const parsed = steps.map((step) => TransformStep.parse(step))
  const given = typeof value === 'string' && !isTagged(value) ? text(value) : (value as Value)
  const result = compileChain(parsed, 'forward', 'forward', functions)(given, record)
  return result.ok ? result.value : `${result.problem.code}: ${result.problem.message}`
}

describe('text steps', () => {
  it.each([
    [['upper'], 'straße', 'text:STRASSE'],
    [['lower'], 'ÆRØ', 'text:ærø'],
    [['trim'], '  a b ', 'text:a b'],
    [[{ substring: { start: 2, length: 2 } }], 'a😀bc', 'text:😀b'],
    [[{ substring: { start: 3 } }], 'abcd', 'text:cd'],
    [[{ substring: { start: 9 } }], 'abcd', 'text:'],
    [[{ replace: { text: '.', by: '$&' } }], 'a.b.c', 'text:a$&b$&c'],
    [[{ replacePattern: { pattern: '^0+(\\d)', by: '$1' } }], '00070', 'text:70'],
    [[{ replacePattern: { pattern: '[^\\d+]' } }], '+45 (12) 34', 'text:+451234'],
    [['trim', 'upper', { substring: { start: 1, length: 3 } }], ' north ', 'text:NOR'],
  ])('%j makes of %j %j', (steps, value, expected) => {
    expect(run(steps, value)).toBe(expected)
  })

  it('blank stays blank', () => {
    expect(run(['upper'], null)).toBeNull()
    expect(run([{ lookup: { values: { a: 'b' } } }], text(''))).toBe('text:')
  })
})

describe('numbers', () => {
  it.each([
    [
      [{ formatNumber: { locale: 'de', decimals: 2, grouping: true } }],
      'dec:-1234567.5',
      'text:-1.234.567,50',
    ],
    [[{ formatNumber: { locale: 'en-IN', grouping: true } }], 'int:12345678', 'text:1,23,45,678'],
    [[{ formatNumber: {} }], 'dec:0.10', 'text:0.1'],
    [[{ parseNumber: { locale: 'de' } }], '1.234,50', 'dec:1234.5'],
    [[{ parseNumber: { locale: 'fr' } }], '1 234,5', 'dec:1234.5'],
    [[{ parseNumber: { locale: 'sv' } }], '\u22121', 'dec:-1'],
    [[{ unit: { multiply: '2.54' } }], 'dec:10', 'dec:25.4'],
    [[{ unit: { divide: '3' } }, { round: { decimals: 1 } }], 'dec:7.5', 'dec:2.5'],
    [[{ round: { decimals: 2 } }], 'dec:-0.005', 'dec:-0.01'],
  ])('%j makes of %j %j', (steps, value, expected) => {
    expect(run(steps, value)).toBe(expected)
  })

  it.each([
    [[{ parseNumber: { locale: 'en' } }], '1,23', /not a number like 1,234.5/],
    [[{ parseNumber: { locale: 'en' } }], '1.2.3', /not a number/],
    [[{ formatNumber: { decimals: 1 } }], 'dec:1.25', /more than 1 decimals/],
    [[{ formatNumber: {} }], 'dec:NaN', /not a number/],
    [[{ unit: { divide: '3' } }], 'dec:1', /number without end/],
  ])('%j refuses %j', (steps, value, expected) => {
    expect(run(steps, value)).toMatch(expected)
  })
})

describe('dates', () => {
  it.each([
    [{ parseDate: { format: 'dd.MM.yyyy' } }, '29.02.2024', 'date:2024-02-29'],
    [{ parseDate: { format: 'd. MMMM yyyy', locale: 'de' } }, '3. März 2024', 'date:2024-03-03'],
    [{ parseDate: { format: 'HH:mm' } }, '07:30', 'time:07:30:00.000000'],
    [
      { parseDate: { format: "yyyy-MM-dd'T'HH:mm:ss'Z'", utc: true } },
      '2024-05-01T10:00:00Z',
      'instant:2024-05-01T10:00:00.000000Z',
    ],
    [{ formatDate: { format: 'MM/yyyy' } }, 'date:2024-05-01', 'text:05/2024'],
    [{ formatDate: { format: 'HH:mm' } }, 'time:07:30:59.000000', 'text:07:30'],
  ])('%j makes of %j %j', (step, value, expected) => {
    expect(run([step], value)).toBe(expected)
  })

  it.each([
    [{ parseDate: { format: 'dd.MM.yyyy' } }, '30.02.2024', /no date that exists/],
    [{ parseDate: { format: 'dd.MM.yyyy' } }, '1.2.2024', /not written like dd.MM.yyyy/],
    [{ formatDate: { format: 'dd.MM.yyyy' } }, 'Monday', /is not a date/],
  ])('%j refuses %j', (step, value, expected) => {
    expect(run([step], value)).toMatch(expected)
  })
})

describe('joining and splitting', () => {
  const step = { concat: { fields: ['last'], separator: ' ' } }
  it('joins what is not blank', () => {
    expect(run([step], 'Ann', { last: text('Lee') })).toBe('text:Ann Lee')
    expect(run([step], null, { last: text('Lee') })).toBe('text:Lee')
    expect(run([step, 'upper'], 'Ann', { last: null })).toBe('text:ANN')
  })

  it('takes one part, or one and all behind it', () => {
    expect(run([{ split: { separator: ' ', part: 1 } }], 'Ann Bo Lee')).toBe('text:Ann')
    expect(run([{ split: { separator: ' ', part: 2, rest: true } }], 'Ann Bo Lee')).toBe('text:Bo Lee')
    expect(run([{ split: { separator: ' ', part: 4 } }], 'Ann Bo Lee')).toBe('text:')
  })
})

describe('tables and functions', () => {
  it('a lookup without an entry is an error, unless there is a value for all others', () => {
    const values = { NO: 'Norway' }
    expect(run([{ lookup: { values } }], 'NO')).toBe('text:Norway')
    expect(run([{ lookup: { values } }], 'SE')).toMatch(/^OPTION_NOT_MAPPED: 'SE' has no entry/)
    expect(run([{ lookup: { values, otherwise: 'Abroad' } }], 'SE')).toBe('text:Abroad')
  })

  it('a function of one\u2019s own gives a text or null; everything else fails the record', () => {
    const own = (name: string) => [{ function: { module: 'own.ts', export: name } }]
    expect(run(own('reversed'), 'abc')).toBe('text:cba')
    expect(run(own('nothing'), 'abc')).toBeNull()
    expect(run(own('throws'), 'abc')).toBe("TRANSFER_FAILED: 'abc' made own.ts throws throw: no abc")
    expect(run(own('broken'), 'abc')).toMatch(/^TRANSFER_FAILED: .*return a promise/)
  })

  it('a pattern that would take too long fails the record, and not the worker', () => {
    const result = run([{ replacePattern: { pattern: 'a.*b|a' } }], 'a'.repeat(20_000))
    expect(result).toMatch(/^TRANSFER_FAILED: .*too much for the pattern/)
  })
})

describe('settings that cannot work', () => {
  it.each([
    [{ replacePattern: { pattern: '(a' } }, /pattern: At character 1/],
    [{ replacePattern: { pattern: '(a)\\1' } }, /back references/],
    [{ replacePattern: { pattern: '(?=a)' } }, /look-around/],
    [{ replacePattern: { pattern: '(a*)*' } }, /may be empty/],
    [{ replacePattern: { pattern: 'a{999}' } }, /at most 200/],
    [{ replacePattern: { pattern: '((a{200}){200})' } }, /too long/],
    [{ formatNumber: { locale: 'xx-nowhere' } }, /locale/],
    [{ formatDate: { format: 'dMyyyy' } }, /runs into/],
    [{ formatDate: { format: 'dd.dd' } }, /twice/],
    [{ formatDate: { format: 'DD.MM' } }, /DD is not known/],
    [{ parseDate: { format: 'MM/yyyy' } }, /leaves out/],
    [{ function: { module: 'other.ts', export: 'x' } }, /has not been loaded/],
    [{ function: { module: 'own.ts', export: 'constructor' } }, /no function constructor/],
  ])('%j', (step, message) => {
    const compile = () => compileStep(TransformStep.parse(step), 'forward', functions)
    expect(compile).toThrow(StepError)
    expect(compile).toThrow(message)
  })

  it.each([
    ['uper', /one step with its settings/],
    [{}, /one step with its settings/],
    [{ round: { decimals: 1 }, unit: {} }, /one step with its settings/],
    [{ substring: { start: 0 } }, /start/],
    [{ substring: { start: 1, lenght: 2 } }, /no setting lenght/],
    [{ unit: { multiply: '0' } }, /greater than 0/],
    [{ function: { module: '../secret.ts', export: 'x' } }, /inside the folder/],
    [{ function: { module: '/etc/passwd.js', export: 'x' } }, /inside the folder/],
  ])('%j is refused with the place', (step, message) => {
    const parsed = TransformStep.safeParse(step)
    expect(JSON.stringify(parsed.error?.issues ?? [])).toMatch(message)
  })

  it('say which steps have no way back', () => {
    const hasBack = (step: unknown) => compileStep(TransformStep.parse(step), 'both', functions).back !== null
    const oneWay = [
      'upper',
      'lower',
      'trim',
      { substring: { start: 1 } },
      { replace: { text: 'a' } },
      { round: { decimals: 1 } },
      { split: { separator: ' ', part: 1 } },
      { concat: { fields: ['a'] } },
      { lookup: { values: { a: '1', b: '1' } } },
      { lookup: { values: { a: '1' }, otherwise: '2' } },
      { formatDate: { format: 'MM/yyyy' } },
      { function: { module: 'own.ts', export: 'reversed' } },
    ]
    expect(oneWay.filter(hasBack)).toEqual([])
    const both = [
      { unit: {} },
      { formatNumber: {} },
      { parseNumber: {} },
      { formatDate: { format: 'dd.MM.yyyy' } },
      { parseDate: { format: 'yyyyMMdd' } },
      { lookup: { values: { a: '1' } } },
      { function: { module: 'own.ts', export: 'reversed', inverse: 'reversed' } },
    ]
    expect(both.every(hasBack)).toBe(true)
  })
})

it('keeps the tag of what it does not touch', () => {
  expect(compileChain([], 'forward', 'forward', functions)(tagged('int', '1'), {})).toEqual({
    ok: true,
    value: 'int:1',
  })
})
