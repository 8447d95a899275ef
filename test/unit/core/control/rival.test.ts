import { expect, it } from 'vitest'
import { isAlive } from '../../../../src/core/control/rival.ts'

const seen = (holder: string, expiresInMs: number) => ({ holder, expiresInMs })

it('a lease that comes closer to its end is that of somebody who may be dead', () => {
  expect(isAlive(seen('a/1', 900), seen('a/1', 800))).toBe(false)
  expect(isAlive(seen('a/1', 900), seen('a/1', 900))).toBe(false)
})

it('a lease that was renewed, or has changed hands, is that of somebody who is alive', () => {
  expect(isAlive(seen('a/1', 100), seen('a/1', 101))).toBe(true)
  expect(isAlive(seen('a/1', 900), seen('b/2', 800))).toBe(true)
})
