import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFunctionLoader } from '../../../src/app/functions.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-functions-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('functions of one\u2019s own', () => {
  it('are read from TypeScript and CommonJS files of the folder, and only functions of them', async () => {
    await mkdir(join(folder, 'more'))
    await writeFile(
      join(folder, 'a.ts'),
      `export const up = (raw: string): string => raw + '!'; export const no = 1`,
    )
    await writeFile(join(folder, 'more', 'b.cjs'), `exports.down = (raw) => raw + '?'`)
    const loaded = await createFunctionLoader(folder)(['a.ts', 'more/b.cjs'])
    const exportsOf = (module: string) => {
      const found = loaded.get(module)
      if (!found || 'reason' in found) throw new Error(found?.reason)
      return found.exports
    }
    expect(exportsOf('a.ts').get('up')?.('x')).toBe('x!')
    expect(exportsOf('a.ts').has('no')).toBe(false)
    expect(exportsOf('more/b.cjs').get('down')?.('x')).toBe('x?')
  })

  it('that cannot be loaded come with the reason, and are tried again', async () => {
    const load = createFunctionLoader(folder)
    expect((await load(['c.ts'])).get('c.ts')).toEqual({
      reason: expect.stringContaining('c.ts cannot be loaded'),
    })
    await writeFile(join(folder, 'c.ts'), `export const now = () => 'here'`)
    expect((await load(['c.ts'])).get('c.ts')).toHaveProperty('exports')
  })

  it('are known by the content of their file, so that a corrected one is told from the old one', async () => {
    const fingerprintOf = async (content: string) => {
      await writeFile(join(folder, 'd.ts'), content)
      const found = (await createFunctionLoader(folder)(['d.ts'])).get('d.ts')
      return found && 'exports' in found ? found.fingerprint : null
    }
    const first = await fingerprintOf(`export const d = () => 'wrong'`)
    expect(first).not.toBeNull()
    expect(await fingerprintOf(`export const d = () => 'right'`)).not.toBe(first)
    expect(await fingerprintOf(`export const d = () => 'wrong'`)).toBe(first)
  })

  it('need a folder', async () => {
    expect((await createFunctionLoader(null)(['a.ts'])).get('a.ts')).toEqual({
      reason: expect.stringContaining('COUPLET_FUNCTIONS_DIR'),
    })
  })
})
