import { expect, it } from 'vitest'
import { type AccessSeen, explainAccessChange, findAccessChange } from '../../../../src/core/sync/access.ts'

const seen = (changes: Partial<AccessSeen> = {}): AccessSeen => ({
  side: 'remote',
  before: 'a',
  now: 'a',
  lastClean: 'a',
  ...changes,
})

it.each([
  ['nothing has changed', [seen()], null],
  ['nothing is known of earlier looks', [seen({ before: undefined, lastClean: null })], null],
  ['it is another than at the last look', [seen({ before: 'b', now: 'b' })], 'since'],
  ['the same without a listing', [seen({ before: undefined, now: 'b' })], 'since'],
  ['it changed while the keys were listed', [seen({ before: 'b' })], 'during'],
  ['it changed and changed back', [seen({ before: null })], 'during'],
  [
    'a listing that was disturbed counts before a look long ago',
    [seen({ now: 'b', before: 'b' }), seen({ before: null })],
    'during',
  ],
] as const)('%s', (_what, sides, when) => {
  expect(findAccessChange(sides)?.when ?? null).toBe(when)
})

it('names table, side and moment', () => {
  expect(explainAccessChange({ side: 'remote', when: 'since' }, 'crm.account')).toMatch(
    /crm\.account \(remote\).*since/,
  )
})
