import { describe, expect, it } from 'vitest'
import { compileMapping } from '../../../../src/core/mapping/compile.ts'
import type { JobDirection } from '../../../../src/core/mapping/definition.ts'
import type { FieldSchema } from '../../../../src/core/mapping/schema.ts'
import { type ResolvedReferences, transferField } from '../../../../src/core/mapping/transfer.ts'
import type { Value } from '../../../../src/core/values/value.ts'
import { definitionOf, fieldOf, schemaOf, textType } from '../../../support/definitions.ts'

const needed = { nullable: false }
const code = fieldOf('code', { kind: 'code', maxLength: 10 }, needed)

/** What `value` becomes in the remote field (or, in a From job, in the local one) of a mapping with one field mapping. */
function transferred(
  value: Value,
  rule: object,
  [local, remote]: readonly [FieldSchema, FieldSchema],
  more: { direction?: JobDirection; references?: ResolvedReferences } = {},
) {
  const direction = more.direction ?? 'to'
  const definition = definitionOf({ fields: [{ local: local.name, remote: remote.name, ...rule }] })
  const schemas = { local: schemaOf([local]), remote: schemaOf([remote]) }
  const mapping = compileMapping({ id: 1, pairId: 1, version: 1, definition }, schemas, new Map())
  const [transfer] = mapping.transfers[direction]
  if (!transfer) throw new Error('The mapping has one field')
  const source = { [direction === 'to' ? local.name : remote.name]: value }
  const result = transferField(transfer, source, more.references ?? new Map())
  if (result.kind === 'value') return result.value
  return 'problem' in result ? result.problem.code : result.kind
}

describe('a value map', () => {
  const rule = { valueMap: { FOB: '1', '': '9' } }
  const option = fieldOf('terms', { kind: 'option', values: [1, 2, 9] })

  it('translates both ways, blank as well where it has an entry', () => {
    expect(transferred('text:FOB', rule, [code, option])).toBe('int:1')
    expect(transferred('text:', rule, [code, option])).toBe('int:9')
    expect(transferred('int:1', rule, [code, option], { direction: 'from' })).toBe('text:FOB')
    expect(transferred('int:2', rule, [code, option], { direction: 'from' })).toBe('OPTION_NOT_MAPPED')
  })

  it('knows a code however the table spells it, and a plain text only as it is', () => {
    const plain = fieldOf('code', textType(10), needed)
    expect(transferred('text: fob', rule, [code, option])).toBe('int:1')
    expect(transferred('text:fob', rule, [plain, option])).toBe('OPTION_NOT_MAPPED')
  })

  it('leaves blank to the destination, which may need a value', () => {
    const map = { valueMap: { FOB: '1' } }
    expect(transferred('text:', map, [code, option])).toBeNull()
    expect(transferred('text:', map, [code, fieldOf('terms', option.type, needed)])).toBe('VALUE_MISSING')
    expect(transferred(null, map, [code, option], { direction: 'from' })).toBe('text:')
  })
})

describe('a reference', () => {
  const rule = { reference: { mapping: 'CURRENCY' } }
  const optional = fieldOf('currency', { kind: 'uuid' })
  const required = fieldOf('currency', { kind: 'uuid' }, needed)
  const id = 'uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8'

  it('is translated through the coupling, and waits for one', () => {
    const references = new Map([['CURRENCY', new Map([['text:EUR', id]])]])
    expect(transferred('text:EUR', rule, [code, optional], { references })).toBe(id)
    expect(transferred('text:USD', rule, [code, optional], { references })).toBe('REFERENCE_NOT_COUPLED')
  })

  it('that is empty leaves the destination empty, which may need a value', () => {
    expect(transferred('text:', rule, [code, optional])).toBeNull()
    expect(transferred('text:', rule, [code, required])).toBe('VALUE_MISSING')
    expect(transferred('text:', { ...rule, notNull: true }, [code, required])).toBe('left-out')
  })

  it('that cannot be resolved becomes empty where that was asked for, and waits where nothing can be empty', () => {
    const clearing = { ...rule, clearOnFailedSync: true }
    expect(transferred('text:USD', clearing, [code, optional])).toBeNull()
    expect(transferred('text:USD', clearing, [code, required])).toBe('REFERENCE_NOT_COUPLED')
  })
})

describe('a stand-in', () => {
  const owner = fieldOf('owner', { kind: 'uuid' })
  const rule = {
    direction: 'ToIntegrationTable',
    reference: { mapping: 'SALESPEOPLE', remoteWhenNotCoupled: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' },
  }
  const standIn = 'uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8'
  const own = 'uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8'

  it('C6: is written instead of waiting for a record that is not coupled, which is filled in later', () => {
    expect(transferred('text:OLD', rule, [code, owner])).toBe(standIn)
    const mapping = definitionOf({ fields: [{ local: 'code', remote: 'owner', ...rule } as never] })
    const schemas = { local: schemaOf([code]), remote: schemaOf([owner]) }
    const [transfer] = compileMapping(
      { id: 1, pairId: 1, version: 1, definition: mapping },
      schemas,
      new Map(),
    ).transfers.to
    if (!transfer) throw new Error('The mapping has one field')
    expect(transferField(transfer, { code: 'text:OLD' }, new Map())).toEqual({
      kind: 'value',
      value: standIn,
      awaits: { mapping: 'SALESPEOPLE', reference: 'text:OLD' },
      warning: null,
    })
  })

  it('stands in neither for a coupled record nor for none', () => {
    const references = new Map([['SALESPEOPLE', new Map([['text:JO', own]])]])
    expect(transferred('text:JO', rule, [code, owner], { references })).toBe(own)
    expect(transferred('text:', rule, [code, owner])).toBeNull()
    expect(transferred('text:', { ...rule, notNull: true }, [code, owner])).toBe('left-out')
  })
})

describe('a least number', () => {
  const decimal = (name: string) => fieldOf(name, { kind: 'decimal', precision: 20, scale: 5 })
  const rule = { atLeast: '0', direction: 'ToIntegrationTable' }
  const both = [decimal('inventory'), decimal('quantity')] as const

  it('is sent instead of a smaller one, to the last digit; others and none are sent as they are', () => {
    expect(transferred('dec:-0.00001', rule, both)).toBe('dec:0')
    expect(transferred('dec:-12345678901234.5', rule, both)).toBe('dec:0')
    expect(transferred('dec:0', rule, both)).toBe('dec:0')
    expect(transferred('dec:0.00001', rule, both)).toBe('dec:0.00001')
    expect(transferred(null, rule, both)).toBeNull()
    expect(transferred('dec:-12', { ...rule, atLeast: '-10.5' }, both)).toBe('dec:-10.5')
  })

  it('is compared with what a transformation gives', () => {
    const tenfold = { ...rule, transform: [{ unit: { multiply: '10' } }], atLeast: '-15' }
    expect(transferred('dec:-2', tenfold, both)).toBe('dec:-15')
    expect(transferred('dec:-1', tenfold, both)).toBe('dec:-10')
  })
})

describe('blank and null', () => {
  it('stand for each other where one side has no nulls', () => {
    const local = fieldOf('city', textType(30), needed)
    const remote = fieldOf('town', textType(80))
    expect(transferred('text:', {}, [local, remote])).toBeNull()
    expect(transferred(null, {}, [local, remote], { direction: 'from' })).toBe('text:')
  })

  it('stay what they are where both sides know both', () => {
    const both = [fieldOf('city', textType(30)), fieldOf('town', textType(80))] as const
    expect(transferred('text:', {}, both)).toBe('text:')
    expect(transferred(null, {}, both)).toBeNull()
  })
})

describe('a transformation', () => {
  const plain = fieldOf('weight', textType(20))
  const number = fieldOf('weight_g', { kind: 'integer', bits: 64 })

  it('comes before the conversion, and leads back by the inverses in reverse order', () => {
    const rule = { transform: [{ parseNumber: { locale: 'de' } }, { unit: { multiply: '1000' } }] }
    expect(transferred('text:1,25', rule, [plain, number])).toBe('int:1250')
    expect(transferred('int:1250', rule, [plain, number], { direction: 'from' })).toBe('text:1,25')
    expect(transferred('text:heavy', rule, [plain, number])).toBe('VALUE_NOT_CONVERTIBLE')
  })

  it('of a field that only comes from the remote side is written down in that direction', () => {
    const rule = { direction: 'FromIntegrationTable', transform: ['upper'] }
    expect(transferred('text:ribe', rule, [plain, fieldOf('there', textType())], { direction: 'from' })).toBe(
      'text:RIBE',
    )
  })

  it('that leaves nothing lets the constant stand in', () => {
    const rule = { transform: ['trim'], constant: 'none', direction: 'ToIntegrationTable' }
    expect(transferred('text:  ', rule, [plain, fieldOf('there', textType())])).toBe('text:none')
  })
})

describe('a text that is too long', () => {
  const long = fieldOf('name', textType(10), needed)
  const short = fieldOf('short', textType(3), needed)
  const cutting = { onTooLong: 'cut and warn' }

  it('is refused, or cut where that was asked for, never into the middle of a character', () => {
    expect(transferred('text:a😀cde', {}, [long, short])).toBe('VALUE_TRUNCATED')
    expect(transferred('text:a😀cde', cutting, [long, short])).toBe('text:a😀c')
    const code = fieldOf('short', { kind: 'code', maxLength: 3 }, needed)
    expect(transferred('text: ab cd', cutting, [long, code])).toBe('text:AB')
  })

  it('is never cut where it is a number, a key or translated', () => {
    expect(transferred('int:12345', cutting, [fieldOf('no', { kind: 'integer', bits: 32 }), short])).toBe(
      'VALUE_TRUNCATED',
    )
    const key = fieldOf('id', textType(3), needed)
    expect(transferred('text:abcd', cutting, [long, key])).toBe('VALUE_TRUNCATED')
  })
})
