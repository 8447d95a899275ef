import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchKey, matchValues } from '../../../src/core/coupling/match-key.ts'
import { normaliseMatch, normalisers } from '../../../src/core/coupling/normalise.ts'
import { present } from '../../../src/lib/assert.ts'
import { makeMapping } from '../../support/factories.ts'

const spelling = fc.string({
  unit: fc.constantFrom('a', 'A', 'é', ' ', '0', '4', '+', '@', '\t'),
  maxLength: 8,
})
const names = fc.subarray([...normalisers])

describe('match keys', () => {
  it('are equal exactly when all normalised values of the group are, case apart', () => {
    fc.assert(
      fc.property(names, spelling, spelling, spelling, spelling, (normalise, name, city, name2, city2) => {
        const match = normalise.length > 0 ? { normalise } : {}
        const mapping = makeMapping({
          fields: [
            { local: 'name', remote: 'name', match },
            { local: 'city', remote: 'city', match: { ...match, caseSensitive: true } },
          ],
        })
        const group = present(mapping.matchGroups[0], 'group')
        const local = { name: `text:${name}`, city: `text:${city}` } as const
        const remote = { name: `text:${name2}`, city: `text:${city2}` } as const
        const fold = (values: readonly (string | null)[] | null) =>
          values && [String(values[0]).toLowerCase(), values[1]]
        const ours = fold(matchValues(mapping, group, local, 'local', 'remote'))
        const theirs = fold(matchValues(mapping, group, remote, 'remote', 'remote'))
        const [a, b] = [matchKey(mapping, group, local, 'local'), matchKey(mapping, group, remote, 'remote')]
        expect([a === null, b === null]).toEqual([ours === null, theirs === null])
        if (a !== null && b !== null) expect(a === b).toBe(JSON.stringify(ours) === JSON.stringify(theirs))
      }),
    )
  })

  it('normalising twice is the same as once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...normalisers), spelling, (name, raw) => {
        const once = normaliseMatch(`text:${raw}`, [name])
        if (name !== 'phone') expect(normaliseMatch(once, [name])).toBe(once)
      }),
    )
  })
})
