import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFunctionLoader, type FunctionLoader } from '../../../src/app/functions/load-functions.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-functions-'))
})
const opened: FunctionLoader[] = []
afterEach(async () => {
  for (const loader of opened.splice(0)) await loader.close()
  await rm(folder, { recursive: true, force: true })
})

function open(from: string | null): FunctionLoader {
  const loader = createFunctionLoader(from, { callMs: 1_500, loadMs: 20_000, memoryMb: 32 })
  opened.push(loader)
  return loader
}

describe('functions of one\u2019s own', () => {
  it('are read from TypeScript and CommonJS files of the folder, and only functions of them', async () => {
    await mkdir(join(folder, 'more'))
    await writeFile(
      join(folder, 'a.ts'),
      `export const up = (raw: string): string => raw + '!'; export const no = 1`,
    )
    await writeFile(join(folder, 'more', 'b.cjs'), `exports.down = (raw) => raw + '?'`)
    const loaded = await open(folder).load(['a.ts', 'more/b.cjs'])
    const exportsOf = (module: string) => {
      const found = loaded.get(module)
      if (!found || 'reason' in found) throw new Error(found?.reason)
      return found.exports
    }
    expect(exportsOf('a.ts').get('up')?.('x')).toEqual({ text: 'x!' })
    expect(exportsOf('a.ts').has('no')).toBe(false)
    expect(exportsOf('more/b.cjs').get('down')?.('x')).toEqual({ text: 'x?' })
  })

  it('that cannot be loaded come with the reason, and are tried again', async () => {
    const { load } = open(folder)
    expect((await load(['c.ts'])).get('c.ts')).toEqual({
      reason: expect.stringContaining('c.ts cannot be loaded'),
    })
    await writeFile(join(folder, 'c.ts'), `export const now = () => 'here'`)
    expect((await load(['c.ts'])).get('c.ts')).toHaveProperty('exports')
  })

  it('are known by the content of their file, so that a corrected one is told from the old one', async () => {
    const fingerprintOf = async (content: string) => {
      await writeFile(join(folder, 'd.ts'), content)
      const found = (await open(folder).load(['d.ts'])).get('d.ts')
      return found && 'exports' in found ? found.fingerprint : null
    }
    const first = await fingerprintOf(`export const d = () => 'wrong'`)
    expect(first).not.toBeNull()
    expect(await fingerprintOf(`export const d = () => 'right'`)).not.toBe(first)
    expect(await fingerprintOf(`export const d = () => 'wrong'`)).toBe(first)
  })

  it('need a folder', async () => {
    expect((await open(null).load(['a.ts'])).get('a.ts')).toEqual({
      reason: expect.stringContaining('COUPLET_FUNCTIONS_DIR'),
    })
  })

  it('that run for ever, or take their thread down, fail that value only; the others of the page have their answers', async () => {
    await writeFile(
      join(folder, 'bad.ts'),
      `export function odd(raw: string): unknown {
        if (raw === 'loop') for (;;) {}
        if (raw === 'exit') process.exit(3)
        if (raw === 'memory') for (const all: unknown[] = []; ; ) all.push(new Array(100_000).fill(raw + all.length))
        if (raw === 'throw') throw new Error('not this one')
        if (raw === 'promise') return Promise.resolve(raw)
        return raw.toUpperCase()
      }`,
    )
    const functions = open(folder)
    const found = (await functions.load(['bad.ts'])).get('bad.ts')
    const odd = found && 'exports' in found ? found.exports.get('odd') : undefined
    const values = ['a', 'loop', 'b', 'exit', 'c', 'memory', 'd', 'throw', 'promise', 'e']
    const askAll = () => values.map((value) => odd?.(value))
    await functions.answerAhead(askAll)
    const expected = [
      { text: 'A' },
      { failure: expect.stringContaining('for more than 1500 ms') },
      { text: 'B' },
      { failure: expect.stringContaining('thread') },
      { text: 'C' },
      { failure: expect.stringMatching(/thread|for more than/) },
      { text: 'D' },
      { failure: 'throw: not this one' },
      { failure: 'return a promise, not a text or null' },
      { text: 'E' },
    ]
    expect(askAll()).toEqual(expected)
    expect([odd?.('f'), odd?.('loop'), odd?.('g')]).toEqual([{ text: 'F' }, expected[1], { text: 'G' }])
  })

  it('are asked for a page in one go, and one by one where nobody has asked before', async () => {
    await writeFile(join(folder, 'e.ts'), `export const twice = (raw: string) => raw + raw`)
    const functions = open(folder)
    const found = (await functions.load(['e.ts'])).get('e.ts')
    const twice = found && 'exports' in found ? found.exports.get('twice') : undefined
    const values = Array.from({ length: 1_000 }, (_, index) => `v${index}`)
    await functions.answerAhead(() => {
      for (const value of values) expect(twice?.(value)).toEqual({ text: null })
    })
    expect(values.map((value) => twice?.(value))).toEqual(values.map((value) => ({ text: value + value })))
    expect(twice?.('other')).toEqual({ text: 'otherother' })
  })

  it('that have failed are asked again for the next page, and answer at once meanwhile', async () => {
    await writeFile(
      join(folder, 'f.ts'),
      `let calls = 0
      export const late = (raw: string) => { if (calls++ === 0) throw new Error('not yet'); return raw }`,
    )
    const functions = open(folder)
    const found = (await functions.load(['f.ts'])).get('f.ts')
    const late = found && 'exports' in found ? found.exports.get('late') : undefined
    const failure = { failure: 'throw: not yet' }
    await functions.answerAhead(() => expect(late?.('x')).toEqual({ text: null }))
    expect(late?.('x')).toEqual(failure)
    const again = functions.answerAhead(() => expect(late?.('x')).toEqual({ text: null }))
    // Another line, while the answer of this one is under way.
    expect(late?.('x')).toEqual(failure)
    await again
    expect(late?.('x')).toEqual({ text: 'x' })
  })
})
