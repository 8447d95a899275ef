import { describe, expect, it } from 'vitest'
import { createLog } from '../../../src/app/logger.ts'
import { createWatchdog, UNWELL } from '../../../src/app/watchdog.ts'

const log = createLog({ logLevel: 'silent', logFormat: 'json' })

describe('the watchdog of a process', () => {
  it('ends with a code of its own, for a supervisor to start the process again', async () => {
    const watchdog = createWatchdog({ memoryLimitMb: 1, delayLimitMs: null }, log, 1)
    expect(await watchdog.watch(new AbortController().signal)).toBe(UNWELL)
    expect(watchdog.last().memoryMb).toBeGreaterThan(1)
  })

  it('ends with 0 when the process is told to stop', async () => {
    const stop = new AbortController()
    const watching = createWatchdog({ memoryLimitMb: null, delayLimitMs: null }, log, 1).watch(stop.signal)
    stop.abort()
    expect(await watching).toBe(0)
  })
})
