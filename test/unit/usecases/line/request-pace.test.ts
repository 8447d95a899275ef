import { expect, it } from 'vitest'
import { createRequestPace } from '../../../../src/usecases/line/request-pace.ts'

const records = { kind: 'records' } as const
const line = (mappingId: number, startedAt: string | null = null) => ({ mappingId, startedAt })

it('has a run wait that follows another one of its mapping within a quarter of a second, once', () => {
  let nowMs = 5
  const pace = createRequestPace({ monotonicMs: () => nowMs })
  expect(pace.take(records, line(1))).toBe(0)
  expect(pace.take(records, line(2))).toBe(0)
  nowMs += 100
  expect(pace.take(records, line(1))).toBe(150)
  nowMs += 149.5
  expect(pace.take(records, line(1))).toBe(1)
  nowMs += 1
  expect(pace.take(records, line(1))).toBe(0)
  expect(pace.take(records, line(1))).toBe(250)
})

it('keeps no other run waiting, and none that has begun', () => {
  const pace = createRequestPace({ monotonicMs: () => 0 })
  pace.take(records, line(1))
  expect(pace.take({ kind: 'full' }, line(1))).toBe(0)
  expect(pace.take(records, line(1, '2024-05-01T10:00:00Z'))).toBe(0)
})
