import { SyncError } from '../../core/errors.ts'
import { isSilent, type ProcessStore } from '../../core/ports/process-store.ts'

/**
 * Throws STORE_IN_USE while any process gives signs of life. One that starts a moment later finds the store restored as a whole,
 * or not at all; one that is frozen has lost its leases when it wakes.
 */
export async function assertNobodyWorks(processes: Pick<ProcessStore, 'listProcesses'>): Promise<void> {
  const alive = (await processes.listProcesses()).filter((each) => !isSilent(each)).map(({ id }) => id)
  if (alive.length === 0) return
  throw new SyncError(
    'STORE_IN_USE',
    `Processes are alive, among them perhaps commands that wait: ${alive.join(', ')}`,
    {
      data: { processes: alive.join(', ') },
    },
  )
}
