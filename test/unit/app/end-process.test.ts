import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'

const printed = 1_000_000

/** Prints more than a pipe holds, ends, and says on stderr that its grace is over; `more` runs before. */
function start(more: string) {
  const code = `import { endProcess } from './src/app/end-process.ts'
    process.stdout.write('x'.repeat(${printed})); ${more}
    setTimeout(() => process.stderr.write('later'), 2_500)
    endProcess(3)`
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
}

describe('the end of a process', () => {
  it('waits for a slow reader, although a second is over', async () => {
    const child = start('')
    await once(child.stderr, 'data')
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    const [code] = await once(child, 'close')
    expect([code, length]).toEqual([3, printed])
  })

  it('comes in spite of what is left behind, when all has been read', async () => {
    const child = start('setInterval(() => {}, 1_000)')
    child.stdout.resume()
    const [code] = await once(child, 'close')
    expect(code).toBe(3)
  })
})
