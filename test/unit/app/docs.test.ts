import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { pages } from '../../../scripts/generate-docs.ts'

it.each(pages)('$path is up to date (else: npm run docs)', async ({ path, content }) => {
  const file = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
  expect(file).toBe(content())
})
