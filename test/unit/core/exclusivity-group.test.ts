import { expect, it } from 'vitest'
import { exclusivityGroup } from '../../../src/core/coupling/exclusivity-group.ts'

it('an exclusivity group is one table of one connection, unless mappings name groups themselves', () => {
  expect(exclusivityGroup(1, 'item', undefined)).toBe(exclusivityGroup(1, 'item', ''))
  const groups = [
    exclusivityGroup(1, 'item', undefined),
    exclusivityGroup(2, 'item', undefined),
    exclusivityGroup(1, 'resource', undefined),
    exclusivityGroup(1, 'item', 'a'),
    exclusivityGroup(1, 'item","a', undefined),
  ]
  expect(new Set(groups).size).toBe(groups.length)
})
