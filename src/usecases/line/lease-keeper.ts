import { SyncError } from '../../core/errors.ts'
import type { Fence, LeaseStore } from '../../core/ports/lease-store.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'

/** Share of the lease during which requests may still be sent; the rest is the margin for clocks and slow sockets. */
const SENDING_SHARE = 0.8

type LeaseDeps = Pick<Deps, 'stores' | 'clock' | 'log' | 'settings' | 'processName'>

/** A lease that is held and renewed until `release`. */
export interface LeaseKeeper {
  readonly fence: Fence
  /** Who held it before and did not give it back. */
  readonly takenOverFrom: string | null
  /** Aborted when the lease is lost: nothing may be written any more. */
  readonly signal: AbortSignal
  /** Throws LEASE_LOST when a request sent now could arrive after the lease has ended. */
  assertMaySend(): void
  release(): Promise<void>
}

export type LeaseAttempt =
  | { readonly acquired: true; readonly keeper: LeaseKeeper }
  | { readonly acquired: false; readonly holder: string; readonly expiresInMs: number }

/** Takes the lease of all resources, or tells who has it; renews it in the background every third of its length. */
export function acquireLease(resources: readonly string[], deps: LeaseDeps): Promise<LeaseAttempt> {
  return keepAcquired(resources, (request) => deps.stores.leases.acquire(request), deps)
}

/** `acquireLease`, where something else is done in the very moment in which the lease is taken. */
export async function keepAcquired(
  resources: readonly string[],
  acquire: LeaseStore['acquire'],
  deps: LeaseDeps,
): Promise<LeaseAttempt> {
  const before = readClocks(deps)
  const acquisition = await acquire({
    resources,
    holder: deps.processName,
    ttlMs: deps.settings.leaseMs,
  })
  if (!acquisition.acquired) return acquisition
  return { acquired: true, keeper: keepLease(acquisition, before, deps) }
}

interface Clocks {
  readonly monotonicMs: number
  readonly wallMs: number
}

function readClocks(deps: LeaseDeps): Clocks {
  return { monotonicMs: deps.clock.monotonicMs(), wallMs: deps.clock.now().getTime() }
}

/** The monotonic clock stands still while a machine sleeps, the wall clock may be set: the longer of the two counts. */
function elapsedMs(since: Clocks, deps: LeaseDeps): number {
  const now = readClocks(deps)
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs)
}

function keepLease(
  { fence, takenOverFrom }: Pick<LeaseKeeper, 'fence' | 'takenOverFrom'>,
  acquiredAt: Clocks,
  deps: LeaseDeps,
): LeaseKeeper {
  const { leaseMs } = deps.settings
  const lost = new AbortController()
  const stopped = new AbortController()
  let renewedAt = acquiredAt
  const renewal = renewUntilStopped()

  async function renewUntilStopped(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sleep(leaseMs / 3, stopped.signal)
      if (!stopped.signal.aborted) await renewOnce()
    }
  }

  async function renewOnce(): Promise<void> {
    const before = readClocks(deps)
    try {
      if (await deps.stores.leases.renew(fence, leaseMs)) renewedAt = before
      else lose('taken over by another worker')
    } catch (error) {
      deps.log.warn({ err: error }, 'The lease could not be renewed; trying again until it ends')
      if (elapsedMs(renewedAt, deps) > leaseMs) lose('not renewed in time')
    }
  }

  function lose(reason: string): void {
    stopped.abort()
    lost.abort(leaseLost(fence, reason))
  }

  return {
    fence,
    takenOverFrom,
    signal: lost.signal,
    assertMaySend() {
      lost.signal.throwIfAborted()
      if (elapsedMs(renewedAt, deps) > leaseMs * SENDING_SHARE) throw leaseLost(fence, 'about to end')
    },
    async release() {
      stopped.abort()
      await renewal
      if (!lost.signal.aborted) await deps.stores.leases.release(fence)
    },
  }
}

function leaseLost(fence: Fence, reason: string): SyncError {
  return new SyncError('LEASE_LOST', `The lease of ${fence.resources.join(', ')} is ${reason}`)
}
