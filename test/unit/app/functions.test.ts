import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFunctionLoader, type FunctionLoader } from '../../../src/app/functions/load-functions.ts'
import type { OwnAnswer, OwnFunction } from '../../../src/core/transform/function-rule.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-functions-'))
})
const opened: FunctionLoader[] = []
afterEach(async () => {
  for (const loader of opened.splice(0)) await loader.close()
  await rm(folder, { recursive: true, force: true })
})

function open(from: string | null, callMs = 1_500): FunctionLoader {
  const loader = createFunctionLoader(from, { callMs, loadMs: 30_000, memoryMb: 64 })
  opened.push(loader)
  return loader
}

async function find(functions: FunctionLoader, module: string, name: string): Promise<OwnFunction> {
  const found = (await functions.load([module])).get(module)
  const own = found && 'exports' in found ? found.exports.get(name) : undefined
  if (own === undefined) throw new Error(JSON.stringify(found))
  return own
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

  it('live in the time zone of the process', async () => {
    const before = process.env['TZ']
    process.env['TZ'] = 'Pacific/Auckland'
    try {
      await writeFile(
        join(folder, 'zone.mjs'),
        `export const hour = (raw) => String(new Date(raw).getHours())`,
      )
      const hour = await find(open(folder), 'zone.mjs', 'hour')
      expect(hour('2026-01-01T00:00:00Z')).toEqual({ text: '13' })
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })

  it('need a folder', async () => {
    expect((await open(null).load(['a.ts'])).get('a.ts')).toEqual({
      reason: expect.stringContaining('COUPLET_FUNCTIONS_DIR'),
    })
  })

  it('that run for ever, or take their process down, fail that value only; the others of the page have their answers', async () => {
    await writeFile(
      join(folder, 'bad.ts'),
      `export function odd(raw: string): unknown {
        if (raw === 'loop') for (;;) {}
        if (raw === 'exit') process.exit(3)
        if (raw === 'throw') throw new Error('not this one')
        if (raw === 'promise') return Promise.resolve(raw)
        if (raw === 'told to stop') for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.kill(process.pid, signal)
        return raw.toUpperCase()
      }`,
    )
    const functions = open(folder)
    const odd = await find(functions, 'bad.ts', 'odd')
    const values = ['a', 'loop', 'b', 'exit', 'c', 'told to stop', 'throw', 'promise', 'e']
    const askAll = () => values.map((value) => odd(value))
    await functions.answerAhead(askAll)
    const expected = [
      { text: 'A' },
      { failure: expect.stringContaining('for more than 1500 ms') },
      { text: 'B' },
      { failure: 'end the process it runs in (code 3)' },
      { text: 'C' },
      { text: 'TOLD TO STOP' },
      { failure: 'throw: not this one' },
      { failure: 'return a promise, not a text or null' },
      { text: 'E' },
    ]
    expect(askAll()).toEqual(expected)
    expect([odd('f'), odd('loop'), odd('g')]).toEqual([{ text: 'F' }, expected[1], { text: 'G' }])
  })

  it.each([
    ['an array in one piece', `raw.repeat(3e7).split('')`],
    ['numbers in one piece', `new Array(6e7).fill(1.5)`],
    [
      'small steps',
      `(() => { for (const all = []; ; ) all.push(new Array(100_000).fill(raw + all.length)) })()`,
    ],
    ['a map', `(() => { for (const all = new Map(); ; ) all.set(all.size, raw) })()`],
    ['buffers', `(() => { for (const all = []; ; ) all.push(Buffer.alloc(30e6, 1)) })()`],
  ])('that take too much memory end their own process only: %s', async (_, expression) => {
    await writeFile(
      join(folder, 'much.cjs'),
      `exports.much = (raw) => (raw === 'ab' ? String(${expression}.length) : raw)`,
    )
    const functions = open(folder, 30_000)
    const much = await find(functions, 'much.cjs', 'much')
    await functions.answerAhead(() => ['x', 'ab', 'y'].map((value) => much(value)))
    expect(['x', 'ab', 'y'].map((value) => much(value))).toEqual([
      { text: 'x' },
      { failure: expect.stringMatching(/^end the process it runs in \(SIG/) },
      { text: 'y' },
    ])
  })

  it('hold up nobody who uses another module', async () => {
    await writeFile(join(folder, 'slow.cjs'), 'exports.slow = () => { for (;;) {} }')
    await writeFile(join(folder, 'quick.cjs'), 'exports.quick = (raw) => raw')
    const functions = open(folder, 600_000)
    const slow = await find(functions, 'slow.cjs', 'slow')
    const quick = await find(functions, 'quick.cjs', 'quick')
    const never = functions.answerAhead(() => slow('x'))
    await functions.answerAhead(() => quick('x'))
    expect([quick('x'), quick('y')]).toEqual([{ text: 'x' }, { text: 'y' }])
    await functions.close()
    await never
  })

  it('answer whoever stands still before the rest of a long page', async () => {
    await writeFile(
      join(folder, 'busy.cjs'),
      'exports.busy = (raw) => { for (const from = performance.now(); performance.now() - from < 5; ); return raw }',
    )
    const functions = open(folder)
    const busy = await find(functions, 'busy.cjs', 'busy')
    const values = Array.from({ length: 3_000 }, (_, index) => `v${index}`)
    let isDone = false
    const page = functions
      .answerAhead(() => values.map((value) => busy(value)))
      .then(() => {
        isDone = true
      })
    expect(busy('urgent')).toEqual({ text: 'urgent' })
    await setImmediate()
    expect(isDone).toBe(false)
    await functions.close()
    await page
  })

  it('that do nothing but end their process rest for a while, and others of their module do not', async () => {
    await writeFile(
      join(folder, 'end.cjs'),
      'exports.end = () => process.exit(1); exports.stay = (raw) => raw',
    )
    const functions = open(folder)
    const end = await find(functions, 'end.cjs', 'end')
    const stay = await find(functions, 'end.cjs', 'stay')
    const values = Array.from({ length: 30 }, (_, index) => `v${index}`)
    await functions.answerAhead(() => values.map((value) => [end(value), stay(value)]))
    expect(end('v0')).toEqual({ failure: 'end the process it runs in (code 1)' })
    expect(end('v29')).toEqual({ failure: expect.stringContaining('rest for some minutes') })
    for (const value of values) expect(stay(value)).toEqual({ text: value })
  })

  it('are asked for a page in one go, and one by one where nobody has asked before', async () => {
    await writeFile(join(folder, 'e.ts'), `export const twice = (raw: string) => raw + raw`)
    const functions = open(folder)
    const twice = await find(functions, 'e.ts', 'twice')
    const values = Array.from({ length: 1_000 }, (_, index) => `v${index}`)
    await functions.answerAhead(() => {
      for (const value of values) twice(value)
    })
    expect(values.map((value) => twice(value))).toEqual(values.map((value) => ({ text: value + value })))
    expect(twice('other')).toEqual({ text: 'otherother' })
  })

  it('are asked ahead for what follows from the answers of others, too', async () => {
    await writeFile(
      join(folder, 'g.ts'),
      `let calls = 0
      export const plus = (raw: string) => raw + '+'
      export const counted = (raw: string) => raw + ++calls`,
    )
    const functions = open(folder)
    const [plus, counted] = [await find(functions, 'g.ts', 'plus'), await find(functions, 'g.ts', 'counted')]
    const chain = (value: string) => {
      const first = plus(value)
      return 'failure' in first || first.text === null ? first : counted(first.text)
    }
    const rounds: OwnAnswer[] = []
    await functions.answerAhead(() => rounds.push(chain('x')))
    expect(rounds).toEqual([{ text: null }, { text: null }, { text: 'x+1' }])
    expect(chain('x')).toEqual({ text: 'x+1' })
  })

  it('that have failed are asked again for the next page, and answer at once meanwhile', async () => {
    await writeFile(
      join(folder, 'f.ts'),
      `let calls = 0
      export const late = (raw: string) => { if (calls++ === 0) throw new Error('not yet'); return raw }`,
    )
    const functions = open(folder)
    const late = await find(functions, 'f.ts', 'late')
    const failure = { failure: 'throw: not yet' }
    await functions.answerAhead(() => late('x'))
    expect(late('x')).toEqual(failure)
    const again = functions.answerAhead(() => late('x'))
    // Another line, while the answer of this one is under way.
    expect(late('x')).toEqual(failure)
    await again
    expect(late('x')).toEqual({ text: 'x' })
  })
})
