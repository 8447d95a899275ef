import { isAlive, type SeenLease } from '../../core/control/rival.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { RecoveryStore } from '../../core/ports/recovery-store.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'
import { keepAcquired, type LeaseAttempt, type LeaseKeeper } from '../line/lease-keeper.ts'
import { mappingResources } from '../line/open-session.ts'
import { type Recovered, rejoin } from './rejoin.ts'

/** Several looks for each renewal of a holder that is alive. */
const LOOKS_PER_LEASE = 10

export interface RecoverDeps {
  readonly deps: Deps
  readonly recovery: RecoveryStore
}

/**
 * `couplet recover` for one pair (docs/disaster.md): holds everything, and looks for what belongs together, all under one lease,
 * which every write repeats. So of two at once one works, one that was killed is followed by the next as soon as its lease
 * has ended, and one that was frozen for longer than that writes nothing when it wakes.
 */
export async function recoverPair(
  pair: Pair,
  act: Act,
  { deps, recovery }: RecoverDeps,
  signal: AbortSignal,
): Promise<Recovered> {
  const keeper = await begin(pair, act, { deps, recovery }, signal)
  try {
    return await rejoin({ pair, act, deps, recovery, lease: keeper, signal })
  } catch (error) {
    throw keeper.signal.aborted || toSyncError(error).kind === 'lost-lease' ? heldUp(keeper, error) : error
  } finally {
    await keeper
      .release()
      .catch((error) => deps.log.warn({ err: error }, 'The lease was not given back; it ends by itself'))
  }
}

/** Waits for the lease of one that has died, and not for one that is alive. */
async function begin(pair: Pair, act: Act, needed: RecoverDeps, signal: AbortSignal): Promise<LeaseKeeper> {
  const { deps } = needed
  let before: SeenLease | null = null
  for (;;) {
    const attempt = await tryToBegin(pair, act, needed)
    if (attempt.acquired) return attempt.keeper
    const { holder, expiresInMs } = attempt
    if (before === null)
      deps.log.warn(
        { holder, expiresInMs },
        'Another recovery has begun; waiting until it is known to be dead',
      )
    else if (isAlive(before, attempt)) throw inUse(holder)
    before = attempt
    await sleep(Math.min(expiresInMs, deps.settings.leaseMs / LOOKS_PER_LEASE), signal)
    signal.throwIfAborted()
  }
}

async function tryToBegin(pair: Pair, act: Act, { deps, recovery }: RecoverDeps): Promise<LeaseAttempt> {
  const mappings = await deps.stores.mappings.listMappings(pair.id)
  const resources = [...new Set(mappings.flatMap((mapping) => mappingResources(mapping, pair)))]
  return keepAcquired(resources, (lease) => recovery.begin(act, lease), deps)
}

function inUse(holder: string): SyncError {
  const message = `Another recovery is at work in ${holder}: let it end, then recover again`
  return new SyncError('STORE_IN_USE', message, { data: { processes: holder } })
}

function heldUp({ fence }: LeaseKeeper, cause: unknown): SyncError {
  const message = 'This recovery was held up for longer than its lease, and has stopped: recover again'
  return new SyncError('STORE_IN_USE', message, { data: { processes: fence.resources.join(', ') }, cause })
}
