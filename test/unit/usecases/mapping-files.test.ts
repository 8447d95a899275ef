import { describe, expect, it } from 'vitest'
import { parseMappingFile, printMappingFile } from '../../../src/usecases/mapping-files.ts'

const currency = `# Currencies
name: CURRENCY
direction: ToIntegrationTable
local: { table: currency, referenceField: code }
remote: { table: transactioncurrency }
fields:
  - { local: code, remote: isocurrencycode, match: {} }
  - local: symbol
    remote: currencysymbol
`

describe('parseMappingFile', () => {
  it('reads one mapping per document and fills in the defaults', () => {
    const second = currency.replace('CURRENCY', 'MONEY')
    const { definitions, problems } = parseMappingFile(`${currency}---\n${second}---\n`, 'a.yaml')
    expect(problems).toEqual([])
    expect(definitions.map(({ name }) => name)).toEqual(['CURRENCY', 'MONEY'])
    expect(definitions[0]).toMatchObject({ onlyCoupled: true, position: 1000 })
    expect(definitions[0]?.fields[0]).toMatchObject({ direction: 'Bidirectional', match: { priority: 0 } })
  })

  it('reports every wrong setting with line, place, value and remedy', () => {
    const text = `name: CURRENCY
direction: Both
local: { table: currency, tabel: x }
remote:
  keyFields: [id]
fields:
  - { local: code, remote: isocurrencycode }
  - local: code
    remote: producttypecode
    constant: 1.0
    enabeld: true
`
    const { definitions, problems } = parseMappingFile(text, 'a.yaml')
    expect(definitions).toEqual([])
    expect(problems.map(({ file, line, path, value }) => [file, line, path, value])).toEqual([
      ['a.yaml', 2, 'direction', 'Both'],
      ['a.yaml', 3, 'local.tabel', 'x'],
      ['a.yaml', 4, 'remote.table', ''],
      ['a.yaml', 10, 'fields[1].constant', '1.0'],
      ['a.yaml', 11, 'fields[1].enabeld', 'true'],
    ])
    expect(problems.map(({ message, remedy }) => `${message} – ${remedy}`)).toEqual([
      expect.stringContaining('"ToIntegrationTable"|"FromIntegrationTable"|"Bidirectional"'),
      'There is no setting tabel – Correct the name, or remove the setting.',
      'The setting table is missing – Add the setting.',
      "constant must be a text – Write it in quotes: '1.0'.",
      'There is no setting enabeld – Correct the name, or remove the setting.',
    ])
  })

  it('counts lines over all documents of a file', () => {
    const { definitions, problems } = parseMappingFile(`${currency}---\nname: X\n`, 'a.yaml')
    expect(definitions).toHaveLength(1)
    expect(problems[0]).toMatchObject({
      line: 11,
      path: 'direction',
      message: 'The setting direction is missing',
    })
  })

  it.each([
    ['{ 007: x }', '007', "The name 007 is no text and would be read as '7'"],
    ['{ 1E3: x }', '1E3', "The name 1E3 is no text and would be read as '1000'"],
    ['{ 1.0: x }', '1.0', "The name 1.0 is no text and would be read as '1'"],
    ['{ ~: x }', '~', "The name ~ is no text and would be read as ''"],
    ["{ 1: x, '1': y }", '1', 'The name 1 stands here twice'],
    ['{ __proto__: x }', '__proto__', 'No name can be __proto__'],
    ['{ ? [1] : x }', '', 'A name must be a text'],
  ])('refuses the value map %s, whose codes would not be those that stand there', (map, value, message) => {
    const { definitions, problems } = parseMappingFile(`${currency}    valueMap: ${map}\n`, 'a.yaml')
    expect(definitions).toEqual([])
    expect(problems).toMatchObject([{ line: 10, path: 'fields[1].valueMap', value, message }])
  })

  it('reads codes that look like words of YAML as they are written', () => {
    const map = "{ NO: 'x', 'null': 'y', 2024-05-01: 'z', '007': 'a', 7: 'b' }"
    const { definitions } = parseMappingFile(`${currency}    valueMap: ${map}\n`, 'a.yaml')
    const read = definitions[0]?.fields[1]?.valueMap
    expect(read).toEqual({ NO: 'x', null: 'y', '2024-05-01': 'z', '007': 'a', 7: 'b' })
  })

  it.each([
    ['name: "A\\0"', 'name'],
    ['name: "A\\nB"', 'name'],
    ["name: ' A'", 'name'],
    ['name: A\ndescription: "\\uD800"', 'description'],
    ['name: A\nposition: 3000000000', 'position'],
  ])('refuses %j, which the store could not keep', (head, path) => {
    const { problems } = parseMappingFile(currency.replace('name: CURRENCY', head), 'a.yaml')
    expect(problems.map((problem) => problem.path)).toContain(path)
  })

  it('refuses a name that the file has used already', () => {
    const { problems } = parseMappingFile(`${currency}---\n${currency}`, 'a.yaml')
    expect(problems).toMatchObject([{ line: 12, path: 'name', value: 'CURRENCY' }])
  })

  it.each([
    ['name: [CURRENCY\nfields: x', 2],
    ['name: A\nname: B\n', 2],
    ['\tname: A', 1],
  ])('says in which line the YAML of %j is broken', (text, line) => {
    const { problems } = parseMappingFile(text, 'a.yaml')
    expect(problems[0]).toMatchObject({ code: 'MAPPING_INVALID', line })
  })

  it.each([
    ['', 'The file holds no mapping'],
    ['# only a comment\n', 'The file holds no mapping'],
    ['just text', 'expected object'],
    [`a: ${'['.repeat(100_000)}`, 'nested more than 100 levels'],
    ['- x\n'.repeat(100_000), 'more than 100000 parts'],
    ['é'.repeat(600_000), 'larger than 1 MB'],
  ])('answers %.20j with a problem', (text, message) => {
    const { definitions, problems } = parseMappingFile(text, 'a.yaml')
    expect(definitions).toEqual([])
    expect(problems[0]?.message).toContain(message)
  })

  it('stops aliases that would blow the file up', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}*l${n}]`,
    )
    const { problems } = parseMappingFile(`l0: &l0 [x]\n${levels.join('\n')}\n`, 'a.yaml')
    expect(problems).toMatchObject([{ message: 'The document expands aliases more than 50 times' }])
  })
})

describe('printMappingFile', () => {
  it('writes what differs from the defaults, one field per line', () => {
    const [definition] = parseMappingFile(currency, 'a.yaml').definitions
    expect(definition && printMappingFile(definition)).toBe(`name: CURRENCY
direction: ToIntegrationTable
local:
  table: currency
  referenceField: code
remote:
  table: transactioncurrency
fields:
  - { local: code, remote: isocurrencycode, match: {} }
  - { local: symbol, remote: currencysymbol }
`)
  })
})
