/** What is done to a store that has been restored and is older than the systems and the queue (docs/disaster.md). */
export interface RecoveryStore {
  /**
   * Moves all numbers this store will ever give far ahead of those it gave after the backup was made: no run, no queue job
   * and no fencing token of the lost time can be taken for one that comes now. Ends all leases. Harmless when repeated.
   */
  skipAhead(changed: { readonly by: string; readonly reason: string }): Promise<void>
}
