import { Writable } from 'node:stream'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { createProgressView } from '../../src/cli/progress.ts'
import { renderFrame } from '../../src/cli/progress-frame.ts'
import { progressMode } from '../../src/cli/progress-mode.ts'
import { plainProgress } from '../../src/cli/progress-plain.ts'
import { type RateSamples, ratesOf, sampleRates } from '../../src/cli/progress-rates.ts'
import { detailsOf, jobOf, lineOf } from './cli-run-details.ts'

const noColors = pc.createColors(false)
const noRates = new Map()

const currency = lineOf(1, 'CURRENCY', {
  state: 'finished',
  startedAt: '2024-05-01T10:00:00Z',
  finishedAt: '2024-05-01T10:00:00.400Z',
})
const units = lineOf(3, 'UNIT OF MEASURE', {
  state: 'failed',
  error: { code: 'TABLE_NOT_FOUND', message: 'no uom' },
})
const customer = lineOf(4, 'CUSTOMER', { state: 'running', dependsOn: [1] })
const contact = lineOf(5, 'CONTACT', { dependsOn: [1, 4] })
const item = lineOf(7, 'ITEM-PRODUCT', { state: 'blocked', blockedBy: ['UNIT OF MEASURE'] })
const details = detailsOf(
  [currency, units, customer, contact, item],
  [
    jobOf(1, currency, { state: 'succeeded' }, { read: 20, inserted: 15, coupled: 5 }),
    jobOf(
      4,
      customer,
      { state: 'running', estimatedRows: 5_000 },
      { read: 2_500, inserted: 2_498, failed: 2 },
    ),
  ],
)

/** Two looks at the same run, two seconds apart, 2,000 records further. */
function measured(): ReturnType<typeof ratesOf> {
  const before = { ...details, jobs: [jobOf(4, customer, { state: 'running' }, { read: 500 })] }
  const samples = sampleRates(sampleRates(new Map(), before, 10_000), details, 12_000)
  return ratesOf(samples, details)
}

describe('a frame', () => {
  test('says for each line its state, speed, counters and what it waits for or is blocked by', () => {
    expect(renderFrame(details, measured(), 120, noColors)).toEqual([
      'Full synchronization, run 7: running, 3 of 5 mappings',
      '✔ CURRENCY         15 inserted, 5 coupled  0.4 s',
      '✖ UNIT OF MEASURE  failed: TABLE_NOT_FOUND no uom  no records',
      '▸ CUSTOMER         → remote █████░░░░░ 2,500 of 5,000  1,000/s  2.5 s left  2,498 inserted, 2 failed',
      '· CONTACT          waits for CUSTOMER',
      '✖ ITEM-PRODUCT     blocked by UNIT OF MEASURE',
    ])
  })

  test('is never wider than the terminal', () => {
    for (const width of [10, 20, 40, 80]) {
      const frame = renderFrame(details, measured(), width, noColors)
      expect(frame).toHaveLength(6)
      for (const row of frame) expect([...row].length).toBeLessThanOrEqual(width)
    }
  })

  test('marks a finished line that left records behind, so that it never looks like plain success', () => {
    const bad = detailsOf(
      [currency],
      [jobOf(1, currency, { state: 'succeeded-with-failures' }, { failed: 1, read: 1 })],
    )
    expect(renderFrame(bad, noRates, 80, noColors)[1]).toBe('! CURRENCY  1 failed  0.4 s')
  })

  test('drops an estimate that more records than expected have proven wrong', () => {
    const more = detailsOf(
      [customer],
      [jobOf(4, customer, { state: 'running', estimatedRows: 10 }, { read: 12 })],
    )
    expect(renderFrame(more, noRates, 80, noColors)[1]).toContain('→ remote 12 read  –')
  })

  test('is the same text with colours', () => {
    const painted = renderFrame(details, noRates, 80, pc.createColors(true)).join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(renderFrame(details, noRates, 80, noColors).join('\n'))
    expect(painted).not.toBe(renderFrame(details, noRates, 80, noColors).join('\n'))
  })
})

describe('rates', () => {
  test('follow the last seconds, not the whole run', () => {
    let samples: RateSamples = new Map()
    const reads = [0, 10_000, 20_000, 20_100, 20_200, 20_300, 20_400, 20_500]
    let last = details
    for (const [second, read] of reads.entries()) {
      last = detailsOf(
        [customer],
        [jobOf(4, customer, { state: 'running', estimatedRows: 21_000 }, { read })],
      )
      samples = sampleRates(samples, last, second * 1_000)
    }
    const rate = ratesOf(samples, last).get(4)
    expect(rate?.perSecond).toBe(100)
    expect(rate?.remainingMs).toBe(5_000)
  })

  test('are unknown at first look and without an estimate there is no time left', () => {
    expect(ratesOf(sampleRates(new Map(), details, 0), details).get(4)).toEqual({
      perSecond: null,
      remainingMs: null,
    })
    const unknown = detailsOf([customer], [jobOf(4, customer, { state: 'running' }, { read: 100 })])
    const samples = sampleRates(new Map([[4, [{ atMs: 0, read: 0 }]]]), unknown, 1_000)
    expect(ratesOf(samples, unknown).get(4)).toEqual({ perSecond: 100, remainingMs: null })
  })
})

describe('plain progress', () => {
  test('has one text per change of state and stays quiet about lines that have not started', () => {
    const first = plainProgress(new Map(), details, noRates, 0)
    expect(first.texts).toEqual([
      'CURRENCY: finished  15 inserted, 5 coupled  0.4 s',
      'UNIT OF MEASURE: failed: TABLE_NOT_FOUND no uom  no records',
      'CUSTOMER: running  → remote █████░░░░░ 2,500 of 5,000  –  2,498 inserted, 2 failed',
      'ITEM-PRODUCT: blocked by UNIT OF MEASURE',
    ])
    expect(plainProgress(first.told, details, noRates, 4_999).texts).toEqual([])
  })

  test('repeats running lines every five seconds', () => {
    const { told } = plainProgress(new Map(), details, noRates, 0)
    const later = plainProgress(told, details, noRates, 5_000)
    expect(later.texts).toHaveLength(1)
    expect(later.texts[0]).toMatch(/^CUSTOMER: running/)
    expect(plainProgress(later.told, details, noRates, 9_000).texts).toEqual([])
  })
})

describe('the view', () => {
  test('is live on a terminal, plain without one, and silent for machines', () => {
    const terminal = Object.assign(collector().stream, { isTTY: true })
    expect(progressMode({ json: false, stream: terminal })).toBe('live')
    expect(progressMode({ json: false, stream: collector().stream })).toBe('plain')
    expect(progressMode({ json: true, stream: terminal })).toBe('none')
  })

  test('writes nothing at all when silent', () => {
    const { stream, text } = collector()
    const view = createProgressView('none', stream)
    view.show(details, 0)
    view.end()
    expect(text()).toBe('')
  })

  test('without a terminal writes whole lines and no control codes', () => {
    const { stream, text } = collector()
    const view = createProgressView('plain', stream)
    view.show(details, 0)
    view.show(details, 100)
    view.end()
    expect(text().split('\n')).toHaveLength(5)
    expect(text()).not.toContain('\u001b')
  })

  test('on a terminal goes back over the rows it has drawn, and leaves the last ones', () => {
    const { stream, text } = collector()
    const view = createProgressView('live', Object.assign(stream, { isTTY: true, columns: 60, rows: 24 }))
    view.show(details, 0)
    expect(text()).toContain('waits for CUSTOMER')
    expect(text()).not.toContain('\u001b[1A')
    view.show(detailsOf([{ ...contact, state: 'ready' }], []), 100)
    expect(text()).toContain('\u001b[1A')
    view.end()
    expect(text().split('\u001b[1A').at(-1)).toContain('ready to start')
  })
})

function collector(): { stream: Writable; text: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}
