import { sleep } from '../lib/sleep.ts'
import { applyRetention } from '../usecases/retention/apply-retention.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'
import { keepDaysOf } from './retention-settings.ts'

const EVERY_MS = 6 * 3_600_000

/** Removes what has been kept for long enough, and sees to the partitions of the ledger. */
export function retentionPart({ care, config, log }: Context): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const removeUntilStopped = async () => {
    while (!stopping.signal.aborted) {
      await applyRetention({ retention: care.retention, keep: keepDaysOf(config), log }, stopping.signal)
      await sleep(EVERY_MS, stopping.signal)
    }
  }
  return {
    name: 'retention',
    async start() {
      loop = removeUntilStopped()
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}
