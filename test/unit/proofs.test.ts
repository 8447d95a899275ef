import { readFile, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { faults } from '../proofs/faults.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

test.each(faults)('the place of a deliberate fault is there: $name', async ({ file, find, replace }) => {
  const source = await read(file)
  expect(source.split(find).length - 1, `${file} holds the place once`).toBe(1)
  expect(find).not.toBe(replace)
})

test('each fault has a name of its own, a promise or rule, and a test that exists', async () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length)
  expect(faults.length).toBeGreaterThanOrEqual(20)
  for (const { caughtBy } of faults) {
    await expect(stat(new URL(`../../${caughtBy.file}`, import.meta.url))).resolves.toBeDefined()
  }
})
