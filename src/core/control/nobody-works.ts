import { SyncError } from '../errors.ts'
import { isSilent, type KnownProcess } from '../ports/process-store.ts'

/**
 * Throws STORE_IN_USE when one of the processes gives signs of life. One that starts a moment later finds the store restored
 * as a whole, or not at all; one that is frozen has lost its leases when it wakes.
 */
export function assertAllSilent(processes: readonly Pick<KnownProcess, 'id' | 'seenMsAgo'>[]): void {
  const alive = processes
    .filter((each) => !isSilent(each))
    .map(({ id }) => id)
    .join(', ')
  if (alive === '') return
  throw new SyncError(
    'STORE_IN_USE',
    `Processes are alive, among them perhaps commands that wait: ${alive}`,
    {
      data: { processes: alive },
    },
  )
}

/** A lease that has not ended. */
export interface LivingLease {
  readonly resource: string
  readonly holder: string
  readonly expiresInMs: number
}

/** Whoever keeps a recovery or a restore from beginning: alive, or dead and not yet known to be. */
export interface Hindrance extends Pick<LivingLease, 'holder' | 'expiresInMs'> {
  readonly isRecovery: boolean
}

/** The lease of a recovery counts before those of lines; who leads or watches writes nothing that could be in the way. */
export function findHindrance(living: readonly LivingLease[], recoveryLease: string): Hindrance | null {
  const ofRecovery = living.filter(({ resource }) => resource === recoveryLease)
  const ofLines = living.filter(({ resource }) => /^(mapping|table)\//.test(resource))
  const [last] = (ofRecovery.length > 0 ? ofRecovery : ofLines).toSorted(
    (a, b) => b.expiresInMs - a.expiresInMs,
  )
  if (last === undefined) return null
  return { holder: last.holder, expiresInMs: last.expiresInMs, isRecovery: ofRecovery.length > 0 }
}
