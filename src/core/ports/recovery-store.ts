import type { Hindrance } from '../control/nobody-works.ts'
import type { Run } from '../sync/run.ts'
import type { Act } from './act.ts'
import type { Acquisition, Fence, LeaseStore } from './lease-store.ts'
import type { NewRun } from './run-store.ts'

/** Held from the first to the last write of a recovery: of two, one works. A restore waits for it, and nothing else. */
export const recoveryLease = 'recovery'

/** It has a blank, which no key of a request has. */
export const RECOVERY_RUN = 'recovery '

/**
 * The idempotency key of a run that a recovery carries out itself. `token`: of its fence, so that each recovery has
 * runs of its own.
 */
export const recoveryRunKey = (token: string, mappingId: number, step: 'search' | 'hold'): string =>
  `${RECOVERY_RUN}${token} ${mappingId} ${step}`

/** Whether a recovery carries it out itself: no queue job stands for it. */
export function isRecoveryRun({ idempotencyKey }: Pick<Run, 'idempotencyKey'>): boolean {
  return idempotencyKey?.startsWith(RECOVERY_RUN) ?? false
}

/** `cancelledRuns`: how many had been asked for by somebody, and were cancelled. */
export type RecoveryAttempt =
  | (Extract<Acquisition, { acquired: true }> & { readonly cancelledRuns: number })
  | (Hindrance & { readonly acquired: false })

/** What is done to a store that has been restored and is older than the systems and the queue (docs/disaster.md). */
export interface RecoveryStore {
  /**
   * All or nothing, and harmless when repeated: moves all numbers this store will ever give far ahead of those it gave after
   * the backup was made, so that no run, no queue job and no fencing token of the lost time can be taken for one that comes
   * now; ends all leases; cancels all unfinished runs; marks every coupling as restored; and pauses everything but previews until
   * somebody resumes it. Repeated before that it leaves the runs that were asked for since: none of them has written anything.
   * Then takes the lease of recoveries, together with these resources. Not acquired: another recovery or a line holds its lease, and
   * nothing was done. Throws STORE_IN_USE, and does nothing, while a process gives signs of life, or when somebody has taken one of the
   * resources meanwhile.
   */
  begin(act: Act, lease: Parameters<LeaseStore['acquire']>[0]): Promise<RecoveryAttempt>
  /** As `RunStore.createRun`. Fenced: throws LEASE_LOST. */
  createRun(run: NewRun, fence: Fence): Promise<Run>
  /** As `ControlStore.pause`, by a rule and until somebody resumes it. Fenced: throws LEASE_LOST. */
  pauseMapping(mappingId: number, reason: string, act: Act, fence: Fence): Promise<void>
}
