import { describe, expect, it } from 'vitest'
import { validateAgainstSchemas, validateDefinition } from '../../../../src/core/mapping/validate.ts'
import { validateFunctions } from '../../../../src/core/mapping/validate-transform.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const problemsOf = (changes: Parameters<typeof definitionOf>[0]) =>
  validateDefinition(definitionOf(changes), { mappings: [] }).map(({ path, code, value }) => [
    path,
    code,
    value,
  ])
const field = (changes: object) => ({ fields: [{ local: 'name', remote: 'name', ...changes }] })
const step = 'fields[0].transform[0]'

describe('a transformation', () => {
  it('without a way back is refused in a field that comes back, and only there', () => {
    expect(problemsOf(field({ transform: ['upper'] }))).toEqual([[step, 'MAPPING_INVALID', 'upper']])
    expect(problemsOf({ direction: 'FromIntegrationTable', ...field({ transform: ['upper'] }) })).toEqual([
      [step, 'MAPPING_INVALID', 'upper'],
    ])
    expect(problemsOf({ direction: 'ToIntegrationTable', ...field({ transform: ['upper'] }) })).toEqual([])
    const one = { name: 'CUSTOMER', ...field({ transform: ['upper'], direction: 'FromIntegrationTable' }) }
    expect(problemsOf({ ...one, direction: 'FromIntegrationTable' })).toEqual([])
    expect(problemsOf(field({ transform: [{ formatNumber: {} }] }))).toEqual([])
    const own = { function: { module: 'own.ts', export: 'there' } }
    expect(problemsOf(field({ transform: [own] }))).toEqual([[step, 'MAPPING_INVALID', 'function']])
    const both = { function: { ...own.function, inverse: 'back' } }
    expect(problemsOf(field({ transform: [both] }))).toEqual([])
  })

  it('names the step whose settings cannot work', () => {
    const transform = [{ formatNumber: {} }, { parseDate: { format: 'dd' } }]
    expect(problemsOf(field({ transform }))).toEqual([
      ['fields[0].transform[1]', 'MAPPING_INVALID', 'parseDate'],
    ])
  })

  it('goes with no reference, value map, match or single side', () => {
    const transform = [{ formatNumber: {} }]
    expect(problemsOf(field({ transform, valueMap: { a: '1' } }))).toEqual([
      ['fields[0].transform', 'MAPPING_INVALID', ''],
    ])
    expect(problemsOf(field({ transform, match: {} }))).toEqual([['fields[0].match', 'MAPPING_INVALID', '']])
    const fields = [
      { local: 'name', remote: 'name' },
      { remote: 'kind', constant: '1', direction: 'ToIntegrationTable' as const, transform },
    ]
    expect(problemsOf({ fields })).toEqual([['fields[1].transform', 'MAPPING_INVALID', '']])
  })

  it('does not lead there and back in two rows, where nobody checks that it comes back the same', () => {
    const join = { concat: { fields: ['last'] } }
    const fields = [
      { local: 'first', remote: 'full', direction: 'ToIntegrationTable' as const, transform: [join] },
      { local: 'last', remote: 'full', direction: 'FromIntegrationTable' as const },
    ]
    expect(problemsOf({ fields })).toEqual([['fields[1].transform', 'MAPPING_INVALID', 'full']])
  })

  it('needs its functions, and the fields that it joins', () => {
    const transform = [
      { function: { module: 'own.ts', export: 'there' } },
      { concat: { fields: ['nowhere'] } },
    ]
    const definition = definitionOf({ direction: 'ToIntegrationTable', ...field({ transform }) })
    const exports = new Map([['here', () => ({ text: '' })]])
    expect(validateFunctions(definition, new Map([['own.ts', { exports, fingerprint: '1' }]]))).toMatchObject(
      [{ path: step, value: 'function', message: expect.stringContaining('no function there') }],
    )
    const reason = 'own.ts cannot be loaded'
    expect(validateFunctions(definition, new Map([['own.ts', { reason }]]))).toMatchObject([
      { path: step, message: expect.stringContaining(reason) },
    ])
    const schemas = {
      local: schemaOf([fieldOf('name', textType())]),
      remote: schemaOf([fieldOf('name', textType())]),
    }
    expect(validateAgainstSchemas(definition, schemas)).toMatchObject([
      { path: 'fields[0].transform', code: 'FIELD_NOT_FOUND', value: 'nowhere' },
    ])
  })
})

describe('cutting', () => {
  const cutting = { onTooLong: 'cut and warn' as const }
  it('is refused for what identifies a record or is translated, and passed over there when the mapping asks for it', () => {
    const rows = [
      { local: 'name', remote: 'name', match: {} },
      { local: 'code', remote: 'code', valueMap: { a: '1' } },
      { local: 'no', remote: 'number' },
    ]
    const local = { table: 'customer', referenceField: 'no' }
    expect(problemsOf({ local, ...cutting, fields: rows })).toEqual([])
    const asked = rows.map((row) => ({ ...row, ...cutting }))
    expect(problemsOf({ local, fields: asked }).map(([path]) => path)).toEqual([
      'fields[0].onTooLong',
      'fields[1].onTooLong',
      'fields[2].onTooLong',
    ])
  })
})
