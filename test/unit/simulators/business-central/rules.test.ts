import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { etagOf, matches } from '../../../../src/simulators/business-central/etag.ts'
import {
  decimalOfToken,
  difference,
  quotient,
  shortest,
} from '../../../../src/simulators/business-central/rules/decimal.ts'
import { drawNumber, numberAt } from '../../../../src/simulators/business-central/rules/number-series.ts'
import { profitPercent } from '../../../../src/simulators/business-central/rules/profit.ts'
import {
  escapeMember,
  serviceName,
  unescapeMember,
} from '../../../../src/simulators/business-central/schema/names.ts'
import { routeOf, valuesOfKey } from '../../../../src/simulators/business-central/server/route.ts'
import { timeText } from '../../../../src/simulators/business-central/server/write-row.ts'

describe('decimals', () => {
  it.each([
    ['12.50', '12.5'],
    ['-0.00', '0'],
    ['0.10', '0.1'],
    ['100', '100'],
    ['-7.0', '-7'],
  ])('%s is %s', (text, expected) => {
    expect(shortest(text)).toBe(expected)
  })

  it.each([
    ['1e3', '1000'],
    ['12.5E-3', '0.0125'],
    ['-1.20e1', '-12'],
    ['922337203685477.5807', '922337203685477.5807'],
  ])('the number %s of a body is %s', (token, expected) => {
    expect(decimalOfToken(token)).toBe(expected)
  })

  it('divide and subtract exactly, rounding half away from zero', () => {
    expect(quotient('100', '746.05', 12)).toBe('0.134039273507')
    expect(quotient('1', '8', 2)).toBe('0.13')
    expect(quotient('-1', '8', 2)).toBe('-0.13')
    expect(difference('0.3', '0.1')).toBe('0.2')
    expect(profitPercent('200', '150')).toBe('25')
    expect(profitPercent('0', '150')).toBe('0')
    expect(profitPercent('80', '100')).toBe('-25')
  })

  it('what is taken away comes back', () => {
    const decimals = fc
      .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: 0, max: 10 }))
      .map(([digits, scale]) =>
        shortest(`${digits < 0n ? '-' : ''}${digits < 0n ? -digits : digits}.${'3'.repeat(scale)}`),
      )
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(difference(difference(a, b), difference('0', b))).toBe(a)
      }),
    )
  })
})

describe('names', () => {
  it.each([
    ['No.', 'No'],
    ['Country/Region Code', 'Country_Region_Code'],
    ['Balance (LCY)', 'Balance_LCY'],
    ['Discount %', 'Discount_Percent'],
    ["Customer's Name", 'Customer_x0027_s_Name'],
    ['E-Mail', 'E_Mail'],
  ])('the column %s is %s on a page', (caption, name) => {
    expect(serviceName(caption)).toBe(name)
  })

  it('options are escaped as XML names, and read back', () => {
    expect([' ', 'Not Started', 'Non-Inventory', 'All'].map(escapeMember)).toEqual([
      '_x0020_',
      'Not_x0020_Started',
      'Non_x002D_Inventory',
      'All',
    ])
    expect(unescapeMember('Not_x0020_Started')).toBe('Not Started')
  })

  it.each([
    ['2024-05-01T08:00:00.120Z', '2024-05-01T08:00:00.12Z'],
    ['2024-05-01T08:00:00.000Z', '2024-05-01T08:00:00Z'],
    ['2024-05-01T08:00:10.005Z', '2024-05-01T08:00:10.005Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('the time %s is written as %s', (time, expected) => {
    expect(timeText(Date.parse(time))).toBe(expected)
  })

  it('a version is opaque base64, and any or the same one matches', () => {
    const etag = etagOf('a')
    expect(Buffer.from(etag.slice(3, -1), 'base64').toString()).toMatch(/^'19;\d+;00;'$/)
    expect(matches('*', etag) && matches(etag, etag) && matches(etag.slice(2), etag)).toBe(true)
    expect(matches(etagOf('b'), etag)).toBe(false)
  })
})

describe('number series', () => {
  it('pass over what is taken', () => {
    const series = { column: 'number', prefix: 'C', digits: 5 }
    expect(drawNumber(series, 9, (number) => number === 'C00010')).toEqual({ number: 'C00011', drawn: 11 })
    expect(numberAt(series, 1_234_567)).toBe('C1234567')
  })
})

describe('addresses', () => {
  it('tell the deployment, the service, the company and the rest', () => {
    expect(routeOf('/v2.0/contoso/Production/api/v2.0/companies(0A)/items(1)/picture')).toEqual({
      deployment: 'online',
      service: 'standard',
      root: '/v2.0/contoso/Production/api/v2.0',
      company: { id: '0a' },
      segments: [
        { name: 'items', key: '1' },
        { name: 'picture', key: null },
      ],
    })
    expect(routeOf("/BC/ODataV4/Company('O''Neill%20%26%20(Co)')/Customer('A''B')")).toMatchObject({
      deployment: 'on-premises',
      service: 'pages',
      company: { name: "O'Neill & (Co)" },
      segments: [{ name: 'Customer', key: "'A''B'" }],
    })
    expect(routeOf('/v2.0/Production/api/couplet/sync/v1.0/companies').service).toBe('custom')
    expect(() => routeOf('/v2.0/Production/api/v1.0/companies')).toThrow('Resource not found')
    expect(() => routeOf('/v2.0/Production/api/v2.0/%zz')).toThrow('percent-encoded')
  })

  it('keys have one value, or several by name', () => {
    expect(valuesOfKey("'O''Neill, Sons'")).toEqual(new Map([['', "O'Neill, Sons"]]))
    expect(valuesOfKey("Document_Type='Order',No='10,01'")).toEqual(
      new Map([
        ['Document_Type', 'Order'],
        ['No', '10,01'],
      ]),
    )
  })
})
