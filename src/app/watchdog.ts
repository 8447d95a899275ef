import { monitorEventLoopDelay } from 'node:perf_hooks'
import { findIllness, type Vitals } from '../core/jobs/vitals.ts'
import type { Log } from '../core/ports/runtime.ts'
import { sleep } from '../lib/sleep.ts'
import type { Config } from './config.ts'

/** Exit code of a process that leaves so as to be started again: whoever supervises it does that for any code but 0. */
export const UNWELL = 75

const EVERY_MS = 10_000
const NS_PER_MS = 1e6

/** Measures this process; the last measurement is at hand for whoever reports it. */
export interface Watchdog {
  readonly last: () => Vitals
  /** Until the signal: 0. As soon as a limit is passed for some time: `UNWELL`, and the log says why. */
  watch(signal: AbortSignal): Promise<number>
}

export function createWatchdog(
  config: Pick<Config, 'memoryLimitMb' | 'delayLimitMs'>,
  log: Log,
  everyMs = EVERY_MS,
): Watchdog {
  const limits = { memoryMb: config.memoryLimitMb, delayMs: config.delayLimitMs }
  const measured: Vitals[] = []
  const last = () => measured.at(-1) ?? { memoryMb: memoryMb(), delayMs: 0 }
  return {
    last,
    async watch(signal) {
      const delay = monitorEventLoopDelay({ resolution: 20 })
      delay.enable()
      try {
        while (!signal.aborted) {
          await sleep(everyMs, signal)
          if (signal.aborted) break
          measured.push({ memoryMb: memoryMb(), delayMs: Math.round(delay.max / NS_PER_MS) })
          delay.reset()
          if (measured.length > 10) measured.shift()
          const illness = findIllness(measured, limits)
          if (illness === null) continue
          log.error({ ...last(), limits, reason: illness }, 'The process leaves, to be started again')
          return UNWELL
        }
        return 0
      } finally {
        delay.disable()
      }
    },
  }
}

function memoryMb(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20)
}
