import { expect, it } from 'vitest'
import { judgeAnnouncing } from '../../../../src/core/doctor/judge-announcing.ts'

it('tables that could tell of changes and do not are named; views are not', () => {
  const told = { table: 'customer', state: 'announced' } as const
  const view = { table: 'v', state: 'impossible' } as const
  expect(judgeAnnouncing('erp', [told, view])).toMatchObject({ state: 'good' })
  expect(judgeAnnouncing('erp', [told, { table: 'item', state: 'silent' }])).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('by schedule: item'),
    remedy: expect.stringContaining('announce erp --apply'),
  })
})
