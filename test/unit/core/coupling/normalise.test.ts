import { describe, expect, it } from 'vitest'
import { type Normaliser, normaliseMatch } from '../../../../src/core/coupling/normalise.ts'

const cases: readonly { raw: string; wanted: string; names: readonly Normaliser[] }[] = [
  { raw: '  Contoso \t', wanted: 'Contoso', names: ['trim'] },
  { raw: '\u00a0A  B\u00a0', wanted: 'A  B', names: ['trim'] },
  { raw: ' Info@Contoso.COM ', wanted: 'info@contoso.com', names: ['e-mail'] },
  { raw: '+45 12-34 56', wanted: '45123456', names: ['phone'] },
  { raw: '0045 (12) 34.56', wanted: '45123456', names: ['phone'] },
  { raw: 'n/a', wanted: '', names: ['phone'] },
  { raw: 'Zoë Ångström', wanted: 'Zoe Angstrom', names: ['accents'] },
  { raw: 'Søren Weiß', wanted: 'Søren Weiß', names: ['accents'] },
  { raw: ' ZOË@x.COM', wanted: 'zoe@x.com', names: ['accents', 'e-mail'] },
]

describe('normalisers of match fields', () => {
  it.each(cases)('$raw becomes $wanted by $names', ({ raw, wanted, names }) => {
    expect(normaliseMatch(`text:${raw}`, names)).toBe(`text:${wanted}`)
  })

  it('leave alone what is no text', () => {
    expect(normaliseMatch('int:45', ['phone', 'trim'])).toBe('int:45')
    expect(normaliseMatch('dec:1.50', ['phone'])).toBe('dec:1.50')
  })
})
