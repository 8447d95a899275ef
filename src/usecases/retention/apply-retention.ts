import { toSyncError } from '../../core/errors.ts'
import { agingKinds, type KeepDays, type RetentionStore } from '../../core/ports/retention-store.ts'
import type { Log } from '../../core/ports/runtime.ts'

export interface RetentionDeps {
  readonly retention: RetentionStore
  readonly keep: KeepDays
  readonly log: Log
}

/**
 * Removes what is older than it is kept, kind by kind, a part at a time, and notes what went. One kind that cannot be removed
 * holds up no other; the next round goes on where this one stopped.
 */
export async function applyRetention(
  { retention, keep, log }: RetentionDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const kind of agingKinds) {
    const days = keep[kind]
    if (days === null) continue
    if (signal.aborted) return
    let removed = 0
    try {
      for (let part = -1; part !== 0 && !signal.aborted; removed += part) {
        part = await retention.removeOld(kind, days, signal)
      }
      if (removed > 0) log.info({ kind, removed, days }, 'What was older than it is kept has been removed')
      if (!signal.aborted) await retention.noteRound(kind, removed)
    } catch (error) {
      log.error(
        { err: toSyncError(error), kind, removed },
        'What is too old could not be removed; the next round tries again',
      )
    }
  }
}
