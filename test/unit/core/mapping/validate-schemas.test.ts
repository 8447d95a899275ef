import { describe, expect, it } from 'vitest'
import type { MappingDefinition } from '../../../../src/core/mapping/definition.ts'
import type { TableSchema } from '../../../../src/core/mapping/schema.ts'
import { typeFit } from '../../../../src/core/mapping/type-fit.ts'
import { validateAgainstSchemas } from '../../../../src/core/mapping/validate.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const local = schemaOf([
  fieldOf('name', textType(30)),
  fieldOf('code', { kind: 'code', maxLength: 10 }),
  fieldOf('amount', { kind: 'decimal', precision: 10, scale: 2 }),
  fieldOf('rate', textType(5), { writable: false }),
  fieldOf('day', { kind: 'date' }),
])
const remote = schemaOf([
  fieldOf('name', textType(100)),
  fieldOf('count', { kind: 'integer', bits: 32 }),
  fieldOf('state', { kind: 'option', values: [0, 1] }),
  fieldOf('extra', { kind: 'json' }),
  fieldOf('owner', { kind: 'uuid' }),
])

function found(
  definition: MappingDefinition,
  schemas: { local?: TableSchema; remote?: TableSchema } = {},
): string[] {
  return validateAgainstSchemas(definition, { local, remote, ...schemas }).map(
    ({ path, code, severity }) => `${path} ${code}${severity === 'warning' ? ' (warning)' : ''}`,
  )
}

function foundInField(field: MappingDefinition['fields'][number] | object): string[] {
  const fields = [{ local: 'name', remote: 'name' }, field]
  return found(definitionOf({ fields }))
}

describe('validateAgainstSchemas', () => {
  it('accepts a mapping whose fields, types and literals fit', () => {
    const definition = definitionOf({
      local: {
        table: 'c',
        keyFields: ['id'],
        modifiedField: 'modified',
        referenceField: 'code',
        filter: "code <> ''",
      },
      fields: [
        { local: 'name', remote: 'name', match: {} },
        { local: 'rate', remote: 'count', direction: 'ToIntegrationTable' },
        { remote: 'state', constant: '1' },
        {
          local: 'code',
          remote: 'state',
          direction: 'FromIntegrationTable',
          valueMap: { OPEN: '0', DONE: '1' },
        },
        { local: 'day', remote: 'extra', enabled: false },
      ],
    })
    expect(found(definition)).toEqual([])
  })

  it('finds every name the tables do not have, and what was probably meant', () => {
    const definition = definitionOf({
      local: {
        table: 'c',
        keyFields: ['no'],
        modifiedField: 'changed',
        referenceField: 'Code',
        filter: 'x = 1',
      },
      fields: [{ local: 'Name', remote: 'names' }],
    })
    expect(found(definition)).toEqual([
      'local.keyFields[0] FIELD_NOT_FOUND',
      'local.modifiedField FIELD_NOT_FOUND',
      'local.referenceField FIELD_NOT_FOUND',
      'local.filter FIELD_NOT_FOUND',
      'fields[0].local FIELD_NOT_FOUND',
      'fields[0].remote FIELD_NOT_FOUND',
    ])
    const [problem] = validateAgainstSchemas(definitionOf({ fields: [{ local: 'NAME', remote: 'name' }] }), {
      local,
      remote,
    })
    expect(problem?.message).toBe('Table some_table has no field NAME; did you mean name?')
    const priced = { ...local, unsupportedFields: new Map([['price', 'money']]) }
    const [unread] = validateAgainstSchemas(definitionOf({ fields: [{ local: 'price', remote: 'name' }] }), {
      local: priced,
      remote,
    })
    expect(unread?.message).toBe('Field price of table some_table is of type money, which is not supported')
  })

  it('wants a modified field that holds a point in time', () => {
    expect(found(definitionOf({ local: { table: 'c', modifiedField: 'day' } }))).toEqual([
      'local.modifiedField MODIFIED_FIELD_MISSING',
    ])
  })

  it('binds the filters to the types', () => {
    expect(found(definitionOf({ remote: { table: 'a', filter: "state = 'open' or count = 1.5" } }))).toEqual([
      'remote.filter FILTER_INVALID',
      'remote.filter FILTER_INVALID',
    ])
  })

  it('refuses to write computed fields, in the directions that write them', () => {
    expect(foundInField({ local: 'rate', remote: 'count' })).toEqual(['fields[1].local MAPPING_INVALID'])
    expect(foundInField({ local: 'rate', remote: 'count', direction: 'ToIntegrationTable' })).toEqual([])
  })

  it('refuses types that never convert, and types without a way back for Bidirectional', () => {
    expect(foundInField({ local: 'day', remote: 'count' })).toEqual(['fields[1] MAPPING_INVALID'])
    expect(foundInField({ local: 'amount', remote: 'count' })).toEqual([
      'fields[1].direction MAPPING_INVALID',
    ])
    expect(foundInField({ local: 'amount', remote: 'count', direction: 'ToIntegrationTable' })).toEqual([])
    expect(foundInField({ local: 'code', remote: 'owner', reference: { mapping: 'SALESPEOPLE' } })).toEqual(
      [],
    )
  })

  it('checks constants and the value for a blank reference', () => {
    expect(foundInField({ remote: 'state', constant: '7' })).toEqual([
      'fields[1].constant VALUE_NOT_CONVERTIBLE',
    ])
    expect(foundInField({ local: 'code', constant: 'LONGER THAN TEN' })).toEqual([
      'fields[1].constant VALUE_TRUNCATED',
    ])
    const reference = { mapping: 'CURRENCY', remoteWhenLocalBlank: 'EUR' }
    expect(foundInField({ local: 'code', remote: 'owner', reference })).toEqual([
      'fields[1].reference.remoteWhenLocalBlank VALUE_NOT_CONVERTIBLE',
    ])
  })

  it('wants mapped values in the form in which they are stored', () => {
    expect(
      foundInField({ local: 'code', remote: 'state', valueMap: { open: '0', DONE: 'x', LATE: '01' } }),
    ).toEqual([
      'fields[1].valueMap.open MAPPING_INVALID',
      'fields[1].valueMap.DONE VALUE_NOT_CONVERTIBLE',
      'fields[1].valueMap.LATE MAPPING_INVALID',
    ])
  })

  it('refuses matching by fields that cannot be compared', () => {
    expect(
      foundInField({ local: 'name', remote: 'extra', direction: 'ToIntegrationTable', match: {} }),
    ).toEqual(['fields[1].match MAPPING_INVALID'])
    const phones = {
      local: 'amount',
      remote: 'name',
      direction: 'ToIntegrationTable',
      match: { normalise: ['phone'] },
    }
    expect(foundInField(phones)).toEqual(['fields[1].match.normalise MAPPING_INVALID'])
  })

  it('refuses creation that could happen twice, unless the risk is accepted', () => {
    const unsafe = schemaOf([fieldOf('name', textType())], { creation: 'unsafe' })
    expect(found(definitionOf(), { remote: unsafe })).toEqual(['remote CREATE_NOT_IDEMPOTENT'])
    expect(found(definitionOf({ acceptDuplicateRisk: true }), { remote: unsafe })).toEqual([])
    expect(found(definitionOf({ direction: 'FromIntegrationTable' }), { remote: unsafe })).toEqual([])
    expect(found(definitionOf(), { remote: { ...unsafe, creation: 'receipt' } })).toEqual([])
    expect(found(definitionOf(), { remote: { ...unsafe, recognisable: true } })).toEqual([])
    expect(found(definitionOf(), { remote: { ...unsafe, keyFields: ['name'] } })).toEqual([
      'fields VALUE_MISSING (warning)',
    ])
  })

  it('wants the business key where records are found by it', () => {
    const numbered = schemaOf([fieldOf('name', textType()), fieldOf('number', textType())], {
      creation: 'business-key',
      businessKey: ['number'],
    })
    const problems = validateAgainstSchemas(definitionOf(), { local, remote: numbered })
    expect(problems.map(({ code, value }) => [code, value])).toEqual([['CREATE_NOT_IDEMPOTENT', 'number']])
    expect(problems[0]?.message).toContain('number, by which a record would be found again, is not mapped')
    expect(found(definitionOf({ acceptDuplicateRisk: true }), { remote: numbered })).toEqual([])
    expect(found(definitionOf(), { remote: { ...numbered, businessKey: ['name'] } })).toEqual([])
  })

  it('wants a key that can be given: one uuid, or mapped', () => {
    const keyed = schemaOf([fieldOf('name', textType()), fieldOf('no', textType(), { nullable: false })], {
      keyFields: ['no'],
    })
    const problems = validateAgainstSchemas(definitionOf(), { local: keyed, remote })
    expect(problems.map(({ code, value }) => [code, value])).toEqual([
      ['CREATE_NOT_IDEMPOTENT', 'no'],
      ['VALUE_MISSING', 'id'],
    ])
    const mapped = definitionOf({ fields: [{ local: 'no', remote: 'name' }] })
    const composite = { ...keyed, keyFields: ['no', 'name'] }
    expect(found(mapped, { local: { ...keyed, fields: new Map([...keyed.fields].slice(1)) } })).toEqual([])
    expect(validateAgainstSchemas(mapped, { local: composite, remote })[0]?.value).toBe('name')
  })

  it('warns about required fields that new records would not have', () => {
    const strict = schemaOf([
      fieldOf('name', textType(), { nullable: false }),
      fieldOf('number', textType(), { nullable: false, hasDefault: true }),
      fieldOf('type', textType(), { nullable: false }),
    ])
    expect(found(definitionOf(), { remote: strict })).toEqual(['fields VALUE_MISSING (warning)'])
  })
})

describe('option mappings', () => {
  const options = schemaOf([fieldOf('label', textType(100))], { table: 'account.terms', isOptionSet: true })
  const codes = (direction: MappingDefinition['direction']) =>
    found(definitionOf({ direction, fields: [{ local: 'code', remote: 'label', direction }] }), {
      remote: options,
    })

  it('lead to the options of a field or from them, never both ways', () => {
    expect(codes('ToIntegrationTable')).toEqual([])
    expect(codes('FromIntegrationTable')).toEqual([])
    expect(codes('Bidirectional')).toEqual(['direction DIRECTION_NOT_ALLOWED'])
  })
})

describe('typeFit', () => {
  it('tells what can always come back from what narrows', () => {
    const decimal = (scale: number | null) => ({ kind: 'decimal', precision: null, scale }) as const
    expect(typeFit({ kind: 'integer', bits: 16 }, decimal(2))).toBe('fits')
    expect(typeFit(decimal(0), { kind: 'integer', bits: 16 })).toBe('fits')
    expect(typeFit(decimal(null), { kind: 'integer', bits: 16 })).toBe('narrows')
    expect(typeFit({ kind: 'moment' }, { kind: 'date' })).toBe('narrows')
    expect(typeFit({ kind: 'instant' }, { kind: 'date' })).toBe('never')
    expect(typeFit({ kind: 'json' }, { kind: 'code', maxLength: null })).toBe('never')
  })

  it('checks ignore rules and requirements against the fields of their side', () => {
    const definition = definitionOf({
      local: {
        table: 'c',
        ignore: "nothing = ''",
        require: [{ filter: "name <> ''" }, { filter: 'amount > x' }],
      },
    })
    // The last one cannot be read at all: that is said by validateDefinition.
    expect(found(definition)).toEqual(['local.ignore FIELD_NOT_FOUND'])
    const wrong = definitionOf({ remote: { table: 'a', require: [{ filter: "count = 'many'" }] } })
    expect(found(wrong)).toEqual(['remote.require[0].filter FILTER_INVALID'])
  })

  it('checks a least number and a stand-in against the field they are written to', () => {
    const oneWay = { direction: 'ToIntegrationTable' } as const
    expect(foundInField({ local: 'amount', remote: 'count', atLeast: '0', ...oneWay })).toEqual([])
    expect(foundInField({ local: 'amount', remote: 'count', atLeast: '0.5', ...oneWay })).toEqual([
      'fields[1].atLeast VALUE_NOT_CONVERTIBLE',
    ])
    expect(foundInField({ local: 'day', remote: 'owner', atLeast: '0', ...oneWay })).toContain(
      'fields[1].atLeast MAPPING_INVALID',
    )
    const reference = { mapping: 'X', remoteWhenNotCoupled: 'nobody' }
    expect(foundInField({ local: 'code', remote: 'owner', reference, ...oneWay })).toEqual([
      'fields[1].reference.remoteWhenNotCoupled VALUE_NOT_CONVERTIBLE',
    ])
  })
})
