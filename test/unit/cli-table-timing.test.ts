import pc from 'picocolors'
import { expect, test } from 'vitest'
import { renderTimingTable } from '../../src/cli/table-timing.ts'
import { zeroCosts } from '../../src/core/sync/step-costs.ts'
import { detailsOf, jobOf, lineOf } from './cli-run-details.ts'

test('timing shows milliseconds and requests per step, for the jobs that were measured', () => {
  const line = lineOf(1, 'CURRENCY', { state: 'finished' })
  const stepCosts = { ...zeroCosts, read: { ms: 1200, requests: 3 }, decide: { ms: 7, requests: 0 } }
  const details = detailsOf([line], [jobOf(1, line, { stepCosts }), jobOf(2, line, { direction: 'from' })])
  const [title, row, ...more] = renderTimingTable(details, pc.createColors(false)).split('\n')
  expect(title?.split(/ {2,}/)).toEqual([
    'mapping',
    'direction',
    'read',
    'lookup',
    'partner',
    'decide',
    'write',
    'commit',
    'waiting',
  ])
  expect(row).toMatch(/^CURRENCY +local → remote +1,200 ms \(3\) +0 ms +0 ms +7 ms/)
  expect(more).toEqual([])
})
