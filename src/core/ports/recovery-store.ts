import type { Act } from './act.ts'

/** What is done to a store that has been restored and is older than the systems and the queue (docs/disaster.md). */
export interface RecoveryStore {
  /**
   * All or nothing, and harmless when repeated: moves all numbers this store will ever give far ahead of those it gave after
   * the backup was made, so that no run, no queue job and no fencing token of the lost time can be taken for one that comes
   * now; ends all leases; cancels all unfinished runs; marks every coupling as restored; and pauses everything but previews until
   * somebody resumes it.
   */
  begin(act: Act): Promise<void>
}
