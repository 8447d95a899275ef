import { describe, expect, it } from 'vitest'
import { afterStop, findRest, noStops, REST_MS } from '../../../src/app/functions/rests.ts'

const stopped = (count: number) =>
  Array.from({ length: count }).reduce<typeof noStops>((stops) => afterStop(stops, 0), noStops)

describe('a function that is stopped again and again', () => {
  it('rests after the tenth stop in a row, and is tried again later', () => {
    expect(findRest(noStops, 0)).toBeNull()
    expect(findRest(stopped(9), 0)).toBeNull()
    expect(findRest(stopped(10), 0)).toContain('10')
    expect(findRest(stopped(10), REST_MS - 1)).not.toBeNull()
    expect(findRest(stopped(10), REST_MS)).toBeNull()
  })

  it('rests at once when it is stopped in this trial', () => {
    expect(findRest(afterStop(stopped(10), REST_MS), REST_MS)).not.toBeNull()
  })
})
