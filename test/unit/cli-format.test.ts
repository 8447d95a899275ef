import { expect, test } from 'vitest'
import { averageRate, elapsedMs, formatCount, formatDuration, formatRate } from '../../src/cli/format.ts'

test('counts have a comma between thousands', () => {
  expect([0, 999, 1_000, 12_345, 1_234_567].map(formatCount)).toEqual([
    '0',
    '999',
    '1,000',
    '12,345',
    '1,234,567',
  ])
})

test('durations are told in the two units that matter', () => {
  expect([0, 400, 9_949, 9_950, 59_400, 59_600, 185_000, 3_599_600, 7_800_000].map(formatDuration)).toEqual([
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 00 min',
    '2 h 10 min',
  ])
})

test('what has not been measured is a dash, never NaN or Infinity', () => {
  expect(formatDuration(null)).toBe('–')
  expect(formatRate(null)).toBe('–')
  expect(formatRate(averageRate(100, 0))).toBe('–')
  expect(formatRate(averageRate(100, elapsedMs('2024-05-01T10:00:00Z', null)))).toBe('–')
})

test('a rate keeps one decimal only while it is small', () => {
  expect([0, 3.21, 10, 4_119.6].map(formatRate)).toEqual(['0.0/s', '3.2/s', '10/s', '4,120/s'])
})

test('the average rate is records over the time between the stored times', () => {
  const ms = elapsedMs('2024-05-01T10:00:00.000000Z', '2024-05-01T10:00:02.500000Z')
  expect(ms).toBe(2_500)
  expect(averageRate(5_000, ms)).toBe(2_000)
})
