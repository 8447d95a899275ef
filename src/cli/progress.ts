import { createLogUpdate } from 'log-update'
import type { RunDetails } from '../core/ports/run-store.ts'
import { renderFrame } from './progress-frame.ts'
import type { ProgressMode, Terminal } from './progress-mode.ts'
import { plainProgress, type Told } from './progress-plain.ts'
import { type RateSamples, ratesOf, sampleRates } from './progress-rates.ts'

/** Shows a run while it goes on; `show` is called with every state that was read. */
export interface ProgressView {
  /** `nowMs` is the monotonic clock; only differences count. */
  show(details: RunDetails, nowMs: number): void
  /** A text that stays, such as a log line; it never mixes with what is redrawn. */
  note(text: string): void
  /** Leaves the last state on the screen and gives the cursor back; to be called exactly once, also after an error. */
  end(): void
}

export function createProgressView(mode: ProgressMode, stream: Terminal): ProgressView {
  if (mode === 'live') return liveView(stream)
  return mode === 'plain' ? plainView(stream) : { show() {}, note: writeTo(stream), end() {} }
}

const writeTo = (stream: Terminal) => (text: string) => {
  stream.write(`${text}\n`)
}

const widthWithoutTerminal = 100

function liveView(stream: Terminal): ProgressView {
  const draw = createLogUpdate(stream)
  let samples: RateSamples = new Map()
  let frame: string | null = null
  return {
    show(details, nowMs) {
      samples = sampleRates(samples, details, nowMs)
      // A row that fills the last column would wrap and break the redrawing.
      const width = (stream.columns ?? widthWithoutTerminal) - 1
      frame = renderFrame(details, ratesOf(samples, details), width).join('\n')
      draw(frame)
    },
    note(text) {
      draw.persist(text)
      if (frame !== null) draw(frame)
    },
    end: () => draw.done(),
  }
}

function plainView(stream: Terminal): ProgressView {
  let samples: RateSamples = new Map()
  let told: Told = new Map()
  return {
    show(details, nowMs) {
      samples = sampleRates(samples, details, nowMs)
      const news = plainProgress(told, details, ratesOf(samples, details), nowMs)
      told = news.told
      for (const text of news.texts) stream.write(`${text}\n`)
    },
    note: writeTo(stream),
    end() {},
  }
}
