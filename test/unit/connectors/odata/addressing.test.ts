import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeEnumName,
  type EdmType,
  encodeEnumName,
  odataLiteral,
  textLiteral,
} from '../../../../src/connectors/odata/literal.ts'
import { preferHeader } from '../../../../src/connectors/odata/prefer.ts'
import { entityPath, queryText, withQuery } from '../../../../src/connectors/odata/query.ts'
import type { Value } from '../../../../src/core/values/value.ts'

describe('literals', () => {
  it.each<readonly [NonNullable<Value>, EdmType, string]>([
    ["text:O'Bryan & 'Co'", 'Edm.String', "'O''Bryan & ''Co'''"],
    ['text:', 'Edm.String', "''"],
    ['uuid:01234567-89ab-cdef-0123-456789abcdef', 'Edm.Guid', '01234567-89ab-cdef-0123-456789abcdef'],
    ['bool:true', 'Edm.Boolean', 'true'],
    ['int:9223372036854775807', 'Edm.Int64', '9223372036854775807'],
    ['int:-1', 'Edm.Int32', '-1'],
    ['dec:922337203685477.5807', 'Edm.Decimal', '922337203685477.5807'],
    ['date:2024-05-01', 'Edm.Date', '2024-05-01'],
    ['time:08:00:00.500000', 'Edm.TimeOfDay', '08:00:00.5'],
    ['time:08:00:00.000000', 'Edm.TimeOfDay', '08:00:00'],
    ['instant:2024-05-01T08:00:00.123000Z', 'Edm.DateTimeOffset', '2024-05-01T08:00:00.123Z'],
    ['moment:2024-05-01T08:00:00.000000', 'Edm.DateTimeOffset', '2024-05-01T08:00:00Z'],
    ['bytes:+/8=', 'Edm.Binary', "binary'-_8='"],
  ])('%s as %s is %s', (value, type, literal) => {
    expect(odataLiteral(value, type)).toBe(literal)
  })

  it.each<readonly [NonNullable<Value>, EdmType]>([
    ["text:x' or true", 'Edm.Guid'],
    ['text:1 or true', 'Edm.Int32'],
    ['dec:NaN', 'Edm.Decimal'],
    ['date:infinity', 'Edm.Date'],
    ['text:\ud800', 'Edm.String'],
  ])('%s is no literal of %s', (value, type) => {
    expect(() => odataLiteral(value, type)).toThrow(RangeError)
  })

  it('any text comes back from its literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const literal = textLiteral(text)
        expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text)
        // No quote inside stands alone, so that nothing can end the literal.
        expect(literal.slice(1, -1).replaceAll("''", '')).not.toContain("'")
      }),
    )
  })
})

describe('names of enumeration members', () => {
  it.each([
    [' ', '_x0020_'],
    ['Not Started', 'Not_x0020_Started'],
    ['Draft', 'Draft'],
    ['1st', '_x0031_st'],
    ['a_x0041_', 'a_x005F_x0041_'],
    ['Größe', 'Größe'],
  ])('%s is %s on the wire', (caption, name) => {
    expect(encodeEnumName(caption)).toBe(name)
    expect(decodeEnumName(name)).toBe(caption)
  })

  it('any caption comes back', () => {
    const captions = fc.string({
      unit: fc.constantFrom('a', '_', 'x', '0', '4', '1', ' ', '/', 'é', '😀'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(captions, (caption) => {
        const name = encodeEnumName(caption)
        expect(decodeEnumName(name)).toBe(caption)
        expect(name).toMatch(/^[\p{L}\p{Nd}_]*$/u)
      }),
    )
  })
})

describe('addresses', () => {
  it('encode everything that could mean something else', () => {
    const query = {
      select: ['name', 'modifiedon'],
      filter: "name eq 'A&B+C=D/E?F#G%H;I:J,K$L@M'",
      orderBy: ['modifiedon desc', 'accountid'],
      expand: 'primarycontactid($select=fullname)',
      top: 5,
      count: true,
      custom: { company: 'CRONUS & Co' },
    }
    const text = queryText(query)
    expect(text).toBe(
      'company=CRONUS%20%26%20Co&$select=name,modifiedon' +
        "&$filter=name%20eq%20'A%26B%2BC%3DD%2FE%3FF%23G%25H%3BI%3AJ%2CK%24L%40M'" +
        '&$orderby=modifiedon%20desc,accountid&$expand=primarycontactid(%24select%3Dfullname)&$top=5&$count=true',
    )
    const read = new URL(`https://host/x?${text}`).searchParams
    expect(read.get('$filter')).toBe(query.filter)
    expect(queryText({})).toBe('')
    expect(withQuery('accounts', {})).toBe('accounts')
    expect(withQuery('accounts', { top: 1, filter: null })).toBe('accounts?$top=1')
  })

  it('name the parts of a key where there are several, or where it is no primary key', () => {
    const number = { name: 'No', type: 'Edm.String', value: "text:O'B/1" } as const
    const kind = { name: 'Document_Type', type: 'Edm.String', value: 'text:Order' } as const
    const id = {
      name: 'accountid',
      type: 'Edm.Guid',
      value: 'uuid:01234567-89ab-cdef-0123-456789abcdef',
    } as const
    expect(entityPath('accounts', [id])).toBe('accounts(01234567-89ab-cdef-0123-456789abcdef)')
    expect(entityPath('Customer', [number], true)).toBe("Customer(No='O''B%2F1')")
    expect(entityPath('SalesOrder', [kind, number])).toBe("SalesOrder(Document_Type='Order',No='O''B%2F1')")
  })

  it('wishes go into one header', () => {
    expect(preferHeader({})).toBeNull()
    expect(
      preferHeader({
        maxPageSize: 500,
        trackChanges: true,
        continueOnError: true,
        returnRepresentation: true,
        includeAnnotations: '*',
      }),
    ).toBe(
      'odata.maxpagesize=500,odata.track-changes,odata.continue-on-error,return=representation,odata.include-annotations="*"',
    )
  })
})
