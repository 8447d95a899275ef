import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directions, MappingDefinition, tooLongPolicies } from '../../src/core/mapping/definition.ts'
import { parseMappingFile, printMappingFile } from '../../src/usecases/mapping-files.ts'

const word = fc.oneof(
  fc.constantFrom(
    'no',
    'null',
    'true',
    '1',
    '1.0',
    '~',
    'a: b',
    '# x',
    "it's",
    ' x ',
    'a\nb',
    '- x',
    '0x1f',
    '2024-05-01',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
)
/** Names stand on one line, and `/` separates them from references. */
const name = word.map((raw) => raw.replace(/[/\p{Cc}]/gu, '|').trim() || '|')
const whole = fc.nat({ max: 2_147_483_647 })
const optional = { requiredKeys: [] }
const side = fc.record(
  {
    table: word,
    keyFields: fc.array(word, { minLength: 1 }),
    referenceField: word,
    filter: word,
    ignore: word,
    require: fc.array(
      fc.record(
        { filter: word, code: fc.constantFrom('PARENT_MISSING', 'REQUIREMENT_NOT_MET'), message: word },
        { requiredKeys: ['filter'] },
      ),
      { minLength: 1 },
    ),
  },
  { requiredKeys: ['table'] },
)
const step = fc.oneof(
  fc.constantFrom('upper', 'lower', 'trim'),
  fc.record({ replace: fc.record({ text: word, by: word }) }),
  fc.record({
    lookup: fc.record(
      { values: fc.dictionary(word, word, { noNullPrototype: true }), otherwise: word },
      { requiredKeys: ['values'] },
    ),
  }),
  fc.record({ formatNumber: fc.record({ locale: fc.constant('de'), grouping: fc.boolean() }, optional) }),
  fc.record({ concat: fc.record({ fields: fc.array(word, { minLength: 1 }), separator: word }) }),
)
const tooLong = fc.constantFrom(...tooLongPolicies)
const template = fc.record(
  {
    name: word,
    side: fc.constantFrom('local', 'remote'),
    priority: whole,
    filter: word,
    basedOn: word,
    values: fc.dictionary(word, word, { noNullPrototype: true }),
    overwrite: fc.boolean(),
  },
  { requiredKeys: ['name', 'side'] },
)
const field = fc.record(
  {
    local: word,
    remote: word,
    direction: fc.constantFrom(...directions),
    enabled: fc.boolean(),
    constant: fc.oneof(fc.constant(''), word),
    reference: fc.record(
      { mapping: name, deferred: fc.boolean(), remoteWhenLocalBlank: word, remoteWhenNotCoupled: word },
      { requiredKeys: ['mapping'] },
    ),
    valueMap: fc.dictionary(word, word, { noNullPrototype: true }),
    atLeast: word,
    transform: fc.array(step, { minLength: 1, maxLength: 3 }),
    onTooLong: tooLong,
    notNull: fc.boolean(),
    match: fc.record({ priority: whole, caseSensitive: fc.boolean() }, optional),
    validateLocal: fc.boolean(),
  },
  optional,
)
const definition = fc
  .record(
    {
      name,
      description: word,
      direction: fc.constantFrom(...directions),
      local: side,
      remote: side,
      dependsOn: fc.array(name),
      onlyCoupled: fc.boolean(),
      position: whole,
      exclusivityGroup: word,
      templates: fc.array(template, { maxLength: 2 }),
      onTooLong: tooLong,
      schedule: fc.record(
        { everyMinutes: fc.integer({ min: 1 }), inactivityMinutes: whole },
        { requiredKeys: ['everyMinutes'] },
      ),
      fields: fc.array(field, { minLength: 1, maxLength: 4 }),
    },
    { requiredKeys: ['name', 'direction', 'local', 'remote', 'fields'] },
  )
  .map((raw) => MappingDefinition.parse(raw))

describe('mapping files', () => {
  it('give back the definition that was written', () => {
    fc.assert(
      fc.property(definition, (written) => {
        const { definitions, problems } = parseMappingFile(printMappingFile(written), 'x.yaml')
        expect(problems).toEqual([])
        expect(definitions).toEqual([written])
      }),
      { numRuns: 100 },
    )
  })

  it('are read without an exception, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), definition.map(printMappingFile)),
        fc.nat(),
        fc.string(),
        (text, at, noise) => {
          const position = at % (text.length + 1)
          const spoiled = text.slice(0, position) + noise + text.slice(position + noise.length)
          const { definitions, problems } = parseMappingFile(spoiled, 'x.yaml')
          expect(definitions.length + problems.length).toBeGreaterThan(0)
          for (const problem of problems) expect(problem.line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 200 },
    )
  })
})
