import type { Run } from '../sync/run.ts'
import type { Act } from './act.ts'
import type { Acquisition, Fence, LeaseStore } from './lease-store.ts'
import type { NewRun } from './run-store.ts'

/** Held from the first to the last write of a recovery: of two, one works. A restore waits for it, and nothing else. */
export const recoveryLease = 'recovery'

/** What is done to a store that has been restored and is older than the systems and the queue (docs/disaster.md). */
export interface RecoveryStore {
  /**
   * All or nothing, and harmless when repeated: moves all numbers this store will ever give far ahead of those it gave after
   * the backup was made, so that no run, no queue job and no fencing token of the lost time can be taken for one that comes
   * now; ends all leases; cancels all unfinished runs; marks every coupling as restored; and pauses everything but previews until
   * somebody resumes it. Then takes the lease of recoveries, together with these resources. Not acquired: another recovery holds
   * it, and nothing was done. Throws STORE_IN_USE, and does nothing, when somebody has taken one of the resources meanwhile.
   */
  begin(act: Act, lease: Parameters<LeaseStore['acquire']>[0]): Promise<Acquisition>
  /** As `RunStore.createRun`. Fenced: throws LEASE_LOST. */
  createRun(run: NewRun, fence: Fence): Promise<Run>
  /** As `ControlStore.pause`, by a rule and until somebody resumes it. Fenced: throws LEASE_LOST. */
  pauseMapping(mappingId: number, reason: string, act: Act, fence: Fence): Promise<void>
}
