import type { Hindrance } from '../../core/control/nobody-works.ts'
import { isAlive } from '../../core/control/rival.ts'
import { SyncError, toSyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { RecoveryStore } from '../../core/ports/recovery-store.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'
import { keepAcquired, type LeaseKeeper } from '../line/lease-keeper.ts'
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
): Promise<Recovered & { readonly cancelledRuns: number }> {
  const { keeper, cancelledRuns } = await begin(pair, act, { deps, recovery }, signal)
  try {
    const recovered = await rejoin({ pair, act, deps, recovery, lease: keeper, signal })
    return { ...recovered, cancelledRuns }
  } catch (error) {
    throw keeper.signal.aborted || toSyncError(error).kind === 'lost-lease' ? heldUp(error) : error
  } finally {
    await keeper
      .release()
      .catch((error) => deps.log.warn({ err: error }, 'The lease was not given back; it ends by itself'))
  }
}

interface Begun {
  readonly keeper: LeaseKeeper
  readonly cancelledRuns: number
}

/** Waits for the lease of one that has died, and not for one that is alive. */
async function begin(pair: Pair, act: Act, needed: RecoverDeps, signal: AbortSignal): Promise<Begun> {
  const { deps } = needed
  let before: Hindrance | null = null
  for (;;) {
    const attempt = await tryToBegin(pair, act, needed)
    if ('keeper' in attempt) return attempt
    const { holder, expiresInMs, isRecovery } = attempt
    if (before === null)
      deps.log.warn(
        { holder, expiresInMs },
        `${isRecovery ? 'Another recovery' : 'A line'} has begun; waiting until it is known to be dead`,
      )
    else if (isAlive(before, attempt)) throw inUse(attempt)
    before = attempt
    await sleep(Math.min(expiresInMs, deps.settings.leaseMs / LOOKS_PER_LEASE), signal)
    signal.throwIfAborted()
  }
}

async function tryToBegin(pair: Pair, act: Act, { deps, recovery }: RecoverDeps): Promise<Begun | Hindrance> {
  const mappings = await deps.stores.mappings.listMappings(pair.id)
  const resources = [...new Set(mappings.flatMap((mapping) => mappingResources(mapping, pair)))]
  let cancelledRuns = 0
  let isRecovery = false
  const beginOnce = async (lease: Parameters<RecoveryStore['begin']>[1]) => {
    const begun = await recovery.begin(act, lease)
    if (begun.acquired) cancelledRuns = begun.cancelledRuns
    else isRecovery = begun.isRecovery
    return begun
  }
  const attempt = await keepAcquired(resources, beginOnce, deps)
  if (attempt.acquired) return { keeper: attempt.keeper, cancelledRuns }
  return { holder: attempt.holder, expiresInMs: attempt.expiresInMs, isRecovery }
}

function inUse({ holder, isRecovery }: Hindrance): SyncError {
  const data = { processes: holder }
  if (!isRecovery) return new SyncError('STORE_IN_USE', `${holder} is at work on a line`, { data })
  return new SyncError('RECOVERY_AT_WORK', `Another recovery is at work in ${holder}`, { data })
}

function heldUp(cause: unknown): SyncError {
  const message = 'This recovery was held up for longer than its lease, and has stopped'
  return new SyncError('RECOVERY_AT_WORK', message, { cause })
}
