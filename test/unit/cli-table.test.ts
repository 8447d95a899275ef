import pc from 'picocolors'
import { expect, test } from 'vitest'
import { renderTable } from '../../src/cli/table.ts'
import { describeParts, renderResultTable } from '../../src/cli/table-results.ts'
import { zeroCounters } from '../../src/core/sync/outcome.ts'
import { detailsOf, jobOf, lineOf } from './cli-run-details.ts'

const noColors = pc.createColors(false)

test('a table has one line per row, numbers to the right, and no blanks at the end of lines', () => {
  const table = renderTable(
    [{ title: 'run' }, { title: 'records', align: 'right' }, { title: 'state' }],
    [
      ['1', '1,000', 'ok'],
      ['12', '7', ''],
    ],
    noColors,
  )
  expect(table.split('\n')).toEqual(['run  records  state', '1      1,000  ok', '12         7'])
})

const customer = lineOf(4, 'CUSTOMER', { state: 'finished' })
const currency = lineOf(1, 'CURRENCY', { state: 'finished' })
const item = lineOf(7, 'ITEM-PRODUCT', { state: 'blocked', blockedBy: ['UNIT OF MEASURE'] })
const times = { startedAt: '2024-05-01T10:00:00Z', finishedAt: '2024-05-01T10:00:02Z' }
const details = detailsOf(
  [currency, customer, item],
  [
    jobOf(
      2,
      customer,
      { ...times, state: 'succeeded-with-failures' },
      { read: 5_000, inserted: 4_998, failed: 2 },
    ),
    jobOf(3, customer, { ...times, state: 'succeeded', direction: 'from' }, { read: 200, inserted: 200 }),
    jobOf(1, currency, { ...times, state: 'succeeded' }, { read: 20, inserted: 15, coupled: 5 }),
    jobOf(4, item, { state: 'cancelled' }),
  ],
  { state: 'succeeded-with-failures', ...times },
)

test('P7: the result shows what is counted seldom where there is any, so that read is the sum of a row', () => {
  const counters = { read: 5, unchanged: 3, notCoupled: 2 }
  const job = jobOf(1, customer, { ...times, state: 'succeeded' }, counters)
  const rows = renderResultTable(detailsOf([customer], [job]), noColors).split('\n')
  expect(rows[0]).toMatch(/failed {2}not coupled {2}/)
  expect(rows[1]).toMatch(/ 5 .* 3 .* 2 {2}/)
  expect(renderResultTable(details, noColors)).not.toContain('not coupled')
})

test('the result has one row per mapping and direction in the order of the lines, and a sum', () => {
  const rows = renderResultTable(details, noColors)
    .split('\n')
    .map((line) => line.split(/\s{2,}/))
  expect(rows.map((row) => row[0])).toEqual([
    'mapping',
    'CURRENCY',
    'CUSTOMER',
    'CUSTOMER',
    'ITEM-PRODUCT',
    'total',
  ])
  expect(rows[2]).toEqual(
    [
      'CUSTOMER',
      'local → remote',
      '5,000',
      '4,998',
      '0',
      '0',
      '0',
      '0',
      '0',
      '0',
      '2',
      '2.0 s',
      '2,500/s',
    ].concat('with failures'),
  )
  expect(rows[3]?.slice(0, 4)).toEqual(['CUSTOMER', 'remote → local', '200', '200'])
  expect(rows[4]?.at(-1)).toBe('blocked by UNIT OF MEASURE')
  expect(rows[5]).toEqual(['total', '5,220', '5,213', '0', '5', '0', '0', '0', '0', '2', '2.0 s', '2,610/s'])
})

test('failures are red and zeros are dim, only where colours are wanted', () => {
  const colors = pc.createColors(true)
  const painted = renderResultTable(details, colors)
  expect(painted).toContain(colors.red('2'))
  expect(painted).toContain(colors.dim('0'))
  expect(renderResultTable(details, noColors)).not.toContain('\u001b')
})

test('parts of the counters are told apart below the table, where there are any', () => {
  const counters = { ...zeroCounters, read: 5, failed: 3, skipped: 2, newlySkipped: 1, failedTransient: 3 }
  expect(describeParts(counters)).toBe('of these: 3 failed, tried again by itself, 1 newly skipped')
  expect(describeParts(zeroCounters)).toBe('')
})
