import { expect, it } from 'vitest'
import { hashKey, isKey, newKey } from '../../../src/api/api-key.ts'

it('keys are long, random and easy to recognise', () => {
  const keys = Array.from({ length: 50 }, newKey)
  expect(new Set(keys).size).toBe(50)
  for (const key of keys) {
    expect(key).toMatch(/^cpl_[\w-]{43}$/)
    expect(isKey(key)).toBe(true)
    expect(isKey(`${key}x`)).toBe(false)
    expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/)
  }
  expect(isKey('')).toBe(false)
})
