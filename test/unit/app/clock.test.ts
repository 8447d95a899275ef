import { describe, expect, it } from 'vitest'
import { createSystemClock } from '../../../src/app/clock.ts'

function machine() {
  const time = { wall: 1_000_000, steady: 500 }
  const clock = createSystemClock({ wallMs: () => time.wall, steadyMs: () => time.steady })
  const pass = (wall: number, steady: number) => {
    time.wall += wall
    time.steady += steady
  }
  return { clock, pass }
}

describe('the clock', () => {
  it('gives wall time and steady time', () => {
    const { clock, pass } = machine()
    const before = clock.monotonicMs()
    pass(250, 250)
    expect(clock.monotonicMs() - before).toBe(250)
    expect(clock.now()).toEqual(new Date(1_000_250))
  })

  it('counts the time the machine has slept, when only the wall clock went on', () => {
    const { clock, pass } = machine()
    const before = clock.monotonicMs()
    pass(60_000, 10)
    expect(clock.monotonicMs() - before).toBe(60_000)
  })

  it('never goes backwards when the wall clock is set back, and ignores its small corrections', () => {
    const { clock, pass } = machine()
    const before = clock.monotonicMs()
    pass(-3_600_000, 100)
    expect(clock.monotonicMs() - before).toBe(100)
    pass(150, 100)
    expect(clock.monotonicMs() - before).toBe(200)
  })
})
