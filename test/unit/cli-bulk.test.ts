import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { exitCodeOfBulk, howItEnded } from '../../src/cli/bulk.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import type { BulkOperation, BulkState } from '../../src/core/bulk/operation.ts'

const ended = (state: BulkState, more: Partial<BulkOperation> = {}): BulkOperation =>
  ({
    id: 7,
    state,
    counts: { selected: 2, done: 2, refused: 0, failed: 0 },
    error: null,
    ...more,
  }) as BulkOperation

it('says who has ended an operation, or why it could not go on', () => {
  const told = (...of: Parameters<typeof ended>) => stripVTControlCharacters(howItEnded(ended(...of)))
  expect(told('cancelled', { cancelledBy: 'anna' })).toBe('Operation 7 was cancelled by anna')
  const error = { code: 'INTERNAL', message: 'a bug' }
  expect(told('failed', { error })).toBe('Operation 7: failed (INTERNAL: a bug)')
})

it('ends with the code of what has become of its records', () => {
  const counts = { selected: 2, done: 1, refused: 1, failed: 0 }
  expect(exitCodeOfBulk(ended('finished'))).toBe(exitCodes.good)
  expect(exitCodeOfBulk(ended('finished', { counts }))).toBe(exitCodes.recordFailures)
  expect(exitCodeOfBulk(ended('cancelled', { counts }))).toBe(exitCodes.recordFailures)
  expect(exitCodeOfBulk(ended('failed', { counts }))).toBe(exitCodes.failed)
})
