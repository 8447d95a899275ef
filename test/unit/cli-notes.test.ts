import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createProgressView } from '../../src/cli/progress.ts'
import { lineOf, runOf } from './cli-run-details.ts'

function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true as const, columns: 120, rows: 40 })
  let written = ''
  stream.on('data', (chunk) => {
    written += chunk
  })
  return { stream, written: () => written }
}

describe('a log line while progress is redrawn', () => {
  it('stays above the block, which is drawn again below it', () => {
    const { stream, written } = terminal()
    const view = createProgressView('live', stream)
    view.show({ run: runOf(), lines: [lineOf(1, 'CURRENCY')], jobs: [] }, 0)
    const before = written().length
    view.note('WARN: something')
    const after = written().slice(before)
    expect(after).toContain('WARN: something')
    expect(after.indexOf('Full synchronization')).toBeGreaterThan(after.indexOf('WARN: something'))
    view.end()
  })

  it('is written at once where nothing is redrawn', () => {
    const { stream, written } = terminal()
    for (const mode of ['plain', 'none'] as const) createProgressView(mode, stream).note(`in ${mode}`)
    expect(written()).toBe('in plain\nin none\n')
  })
})
