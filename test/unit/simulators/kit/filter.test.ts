import { describe, expect, it } from 'vitest'
import { type CellType, comparable, type Row, roundDecimal } from '../../../../src/simulators/kit/cells.ts'
import { HttpProblem } from '../../../../src/simulators/kit/http.ts'
import { compileFilter, type FilterDialect } from '../../../../src/simulators/kit/odata/evaluate.ts'
import { parseFilter } from '../../../../src/simulators/kit/odata/filter.ts'
import { parseList, parseOrderBy, parseQuery } from '../../../../src/simulators/kit/odata/query.ts'

const types: Record<string, CellType> = {
  name: 'text',
  title: 'exact-text',
  id: 'guid',
  size: 'int',
  version: 'int64',
  price: 'decimal',
  open: 'boolean',
  changed: 'datetime',
  day: 'date',
}
const dialect: FilterDialect<Row> = {
  field({ names }) {
    const [name = ''] = names
    const type = types[name]
    if (!type || names.length > 1) throw new HttpProblem(400, '0x0', `no property '${names.join('/')}'`)
    return { type, read: (row) => row[name] ?? null }
  },
  call(call) {
    const values = JSON.parse(call.named.get('Values')?.text ?? '[]') as string[]
    return (row) => values.includes(String(row['name']))
  },
  hasWildcards: true,
  lambda: () => () => true,
}
const row: Row = {
  name: "O'Bryan & Søn + 100%",
  title: 'Dr. Ok',
  id: '0a000000-0000-4000-8000-000000000001',
  size: 12,
  version: '9007199254740993',
  price: '922337203685477.5807',
  open: true,
  changed: Date.UTC(2024, 4, 1, 8),
  day: '2024-05-01',
}
const holds = (filter: string, aliases?: ReadonlyMap<string, string>) =>
  compileFilter(parseFilter(filter, aliases), dialect)(row)

describe('$filter', () => {
  it.each([
    ["name eq 'o''bryan & søn + 100%'", true],
    ["contains(name,'søn') and not startswith(name,'x')", true],
    ["startswith(name,'O_B%')", true],
    ["endswith(name,'100[%]')", true],
    ["endswith(name,'100[x]')", false],
    ["contains(name,'S%N') eq false", false],
    ["tolower(name) eq 'O''BRYAN & SØN + 100%'", true],
    ["title eq 'Dr. Ok'", true],
    ["title eq 'dr. ok'", false],
    ["contains(title,'ok')", false],
    ["tolower(title) eq 'dr. ok'", true],
    ['length(name) gt 5', true],
    ['id eq 0A000000-0000-4000-8000-000000000001', true],
    ["id eq '0a000000-0000-4000-8000-000000000002'", false],
    ['size gt 5 and size le 12 or false eq open', true],
    ['size eq 5 or (size ge 12 and open eq true)', true],
    ['version gt 9007199254740992 and version lt 9007199254740994', true],
    ['price eq 922337203685477.5807', true],
    ['price eq 922337203685477.5806', false],
    ['changed ge 2024-05-01T10:00:00+02:00', true],
    ['changed gt 2024-05-01T08:00:00Z', false],
    ['day lt 2024-05-02', true],
    ['name eq null', false],
    ['missing_is_null ne null', null],
    ['open', true],
    ['not open', false],
    ["In(Property='name',Values=[\"O'Bryan & Søn + 100%\"])", true],
    ['things/any(t:t/size gt 3) and size lt 3', false],
  ])('%s is %s', (filter, expected) => {
    if (expected === null) expect(() => holds(filter)).toThrow('no property')
    else expect(holds(filter)).toBe(expected)
  })

  it('takes values from aliases', () => {
    expect(holds('size eq @n', new Map([['@n', '12']]))).toBe(true)
    expect(() => holds('size eq @n')).toThrow("'@n' has no value")
  })

  it.each([
    'size eq',
    'size eq 1 1',
    '(size eq 1',
    'size in (1,2)',
    "size eq 'x'",
    'size ~ 1',
    'nothing(size)',
    'size',
  ])('refuses %s with status 400', (filter) => {
    expect(() => {
      if (filter.startsWith('nothing')) {
        const refusing = {
          ...dialect,
          call: () => {
            throw new HttpProblem(400, '0x0', 'unknown')
          },
        }
        return compileFilter(parseFilter(filter), refusing)
      }
      return holds(filter)
    }).toThrow(HttpProblem)
  })

  it('a null is neither less nor greater than anything', () => {
    const test = (filter: string) => compileFilter(parseFilter(filter), dialect)({ ...row, size: null })
    expect([test('size lt 5'), test('size ge 5'), test('size ne 5'), test('size eq null')]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})

it('other query options are read as they are written', () => {
  expect([...parseQuery('$filter=name%20eq%20%27a%26b%27&$top=3&x=a+b')]).toEqual([
    ['$filter', "name eq 'a&b'"],
    ['$top', '3'],
    ['x', 'a b'],
  ])
  expect(() => parseQuery('$top=1&$top=2')).toThrow('more than once')
  expect(() => parseQuery('a=%E0%A4%A')).toThrow('percent-encoded')
  expect(parseOrderBy('a desc, b')).toEqual([
    { name: 'a', descending: true },
    { name: 'b', descending: false },
  ])
  expect(() => parseOrderBy('a up')).toThrow(HttpProblem)
  expect(parseList('a, b($select=c,d),e')).toEqual(['a', 'b($select=c,d)', 'e'])
})

it('decimals are rounded half away from zero, exactly', () => {
  expect(roundDecimal('922337203685477.58065', 4)).toBe('922337203685477.5807')
  expect([roundDecimal('-0.00004', 4), roundDecimal('-1.5', 0), roundDecimal('2', 2)]).toEqual([
    '0.0000',
    '-2',
    '2.00',
  ])
  expect(comparable('decimal', '1.10')).toBe(comparable('decimal', '1.1'))
})
