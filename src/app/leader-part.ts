import { aborted } from '../lib/aborted.ts'
import { sleep } from '../lib/sleep.ts'
import { acquireLease, type LeaseKeeper } from '../usecases/line/lease-keeper.ts'
import type { Context } from './context.ts'
import { type Part, shutDown } from './life-cycle.ts'

/** The lease that says which of several schedulers leads. */
export const LEADERSHIP = 'scheduler/leader'
/** A leader that leaves in order gives its lease back: nobody need wait for its end. */
const LOOKS_AGAIN_MS = 3_000

/** What leads, or stands by until the one that leads has gone. */
export interface LeaderPart extends Part {
  isLeader(): boolean
}

/**
 * Runs parts in one scheduler at a time, however many are started: whoever holds the lease, by the database's clock. One that
 * loses it, or is told to stop, stops its parts before it lets go. A leader that was frozen past its lease may run
 * beside its successor until it notices, so the parts must be harmless twice at once.
 */
export function leaderPart(context: Context, makers: readonly ((context: Context) => Part)[]): LeaderPart {
  const { deps, log } = context
  const stopping = new AbortController()
  let leads = false
  let loop: Promise<void> = Promise.resolve()

  async function standBy(): Promise<void> {
    while (!stopping.signal.aborted) {
      const keeper = await tryToLead()
      if (keeper !== null) await lead(keeper)
      else await sleep(Math.min(LOOKS_AGAIN_MS, deps.settings.leaseMs), stopping.signal)
    }
  }

  async function tryToLead(): Promise<LeaseKeeper | null> {
    try {
      const attempt = await acquireLease([LEADERSHIP], deps)
      return attempt.acquired ? attempt.keeper : null
    } catch (error) {
      log.warn({ err: error }, 'Nobody could be asked who leads; trying again')
      return null
    }
  }

  async function lead(keeper: LeaseKeeper): Promise<void> {
    log.info({ takenOverFrom: keeper.takenOverFrom }, 'This scheduler leads')
    leads = true
    const over = AbortSignal.any([stopping.signal, keeper.signal])
    const started: Part[] = []
    try {
      for (const part of makers.map((make) => make(context))) {
        if (over.aborted) break
        started.unshift(part)
        await part.start?.(over)
      }
      await aborted(over)
    } catch (error) {
      log.error({ err: error }, 'What only the leading scheduler does could not start; trying again')
    }
    await shutDown(started, log)
    leads = false
    if (keeper.signal.aborted)
      log.warn({ reason: String(keeper.signal.reason) }, 'This scheduler leads no more')
    await keeper
      .release()
      .catch((error: unknown) => log.warn({ err: error }, 'The lead was not given back; it ends by itself'))
  }

  return {
    name: 'leader',
    isLeader: () => leads,
    async start() {
      loop = standBy()
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}
