import { expect, it } from 'vitest'
import { createRecorder } from '../../../../src/simulators/kit/recorder.ts'
import { createSlidingWindow } from '../../../../src/simulators/kit/sliding-window.ts'
import { createTime } from '../../../../src/simulators/kit/time.ts'
import { manualTime } from '../../../support/manual-time.ts'

it('a sliding window lets through so many in any stretch of its length', () => {
  const time = manualTime()
  const window = createSlidingWindow({ limit: 100, windowMs: 3_000 }, time)
  const passedAt: number[] = []
  for (let ms = 0; ms < 20_000; ms += 10) {
    time.advance(10)
    if (window.waitMs() > 0) continue
    window.add(1)
    passedAt.push(time.monotonicMs())
  }
  for (const start of passedAt) {
    expect(passedAt.filter((at) => at >= start && at < start + 3_000).length).toBeLessThanOrEqual(100)
  }
  expect(passedAt.length).toBeGreaterThan(600)
})

it('a full window says how long until there is room', () => {
  const time = manualTime()
  const window = createSlidingWindow({ limit: 2, windowMs: 1_000 }, time)
  window.add(1)
  time.advance(400)
  window.add(1)
  expect(window.waitMs()).toBe(600)
  time.advance(600)
  expect(window.waitMs()).toBe(0)
  expect(window.total()).toBe(1)
})

it('keeps nothing that has left the window, however much came in', () => {
  const time = manualTime()
  const window = createSlidingWindow({ limit: 10, windowMs: 100 }, time)
  for (let ms = 0; ms < 10_000; ms += 1) {
    window.add(1)
    time.advance(1)
  }
  expect(window.total()).toBe(99)
})

it('time is scaled, skewed and advanced, and put back', () => {
  const time = createTime({ now: () => new Date(1_000), monotonicMs: () => 5 }, 100)
  time.advance(10)
  time.skew(-500)
  expect([time.nowMs(), time.monotonicMs(), time.scaled(300_000)]).toEqual([510, 15, 3_000])
  time.reset()
  expect(time.state()).toEqual({ now: new Date(1_000).toISOString(), skewMs: 0, advancedMs: 0, scale: 100 })
})

it('the recorder keeps the newest requests and counts all', () => {
  const recorder = createRecorder(manualTime(), 3)
  const begin = (user: string) =>
    recorder.begin({ user, method: 'GET', url: '/', requestBytes: 0, fault: null })
  const open = [begin('a'), begin('a'), begin('b')]
  for (const each of open) recorder.end(each, 200)
  recorder.end(begin('a'), null)
  expect(recorder.requests().map(({ number, user, atOnce }) => [number, user, atOnce])).toEqual([
    [2, 'a', 2],
    [3, 'b', 1],
    [4, 'a', 1],
  ])
  expect(recorder.counters()).toEqual({
    requests: 4,
    byStatus: { 200: 3, none: 1 },
    mostAtOnce: 3,
    mostAtOnceByUser: { a: 2, b: 1 },
  })
})
