import { expect, it } from 'vitest'
import { useOf } from '../../bench/budget/use.ts'
import type { RecordedRequest } from '../../src/simulators/kit/recorder.ts'

/** A request each 100 ms that takes 50 ms, for two seconds. */
const evenly = Array.from({ length: 21 }, (_, number): RecordedRequest => {
  const startedMs = number * 100
  return {
    number,
    user: 'app',
    method: 'GET',
    url: `/api/data/v9.2/accounts(${number})?$select=name`,
    requestBytes: 0,
    startedMs,
    endedMs: startedMs + 50,
    atOnce: 1,
    status: number === 20 ? 429 : 200,
    fault: null,
  }
})

it('what requests use of limits is measured over all windows within the run, refused requests apart', () => {
  const use = useOf(evenly, { windowMs: 1_000, requests: 20, executionMs: 1_000, concurrent: 4 })
  const [requests, time, concurrency] = use.facets
  expect([requests?.facet, time?.facet, concurrency?.facet]).toEqual([
    'requests',
    'execution time',
    'concurrency',
  ])
  expect(requests?.most).toBeCloseTo(0.5)
  expect(requests?.mean).toBeGreaterThan(0.45)
  expect(time?.most).toBeCloseTo(0.5)
  expect(concurrency?.most).toBe(0.25)
  expect(concurrency?.mean).toBeCloseTo(1_000 / 2_050 / 4)
  expect({ requests: use.requests, refused: use.refused }).toEqual({ requests: 20, refused: 1 })
  expect([...use.kinds]).toEqual([['GET accounts()', 20]])
})
