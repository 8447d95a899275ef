import { toSyncError } from '../../core/errors.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Context } from '../context.ts'
import type { Part } from '../life-cycle.ts'
import { createDeliverer } from './deliverer.ts'

const LOOKS_AGAIN_MS = 1_000

/** Sends what is owed to the receivers of webhooks; a round that fails is made up for by the next. */
export function webhooksPart(context: Context): Part {
  const stopping = new AbortController()
  let pause = new AbortController()
  const deliverer = createDeliverer(context)
  let loop: Promise<void> = Promise.resolve()
  const watch = async () => {
    while (!stopping.signal.aborted) {
      const hasBegun = await deliverer.begin().catch((error: unknown) => {
        context.log.error(
          { err: toSyncError(error) },
          'Webhooks could not be looked at; the next round tries again',
        )
        return false
      })
      if (stopping.signal.aborted) break
      pause = new AbortController()
      // Whoever is quick is asked again at once, so that nobody's rate depends on the pause.
      if (hasBegun) deliverer.oneDone().then(() => pause.abort())
      await sleep(LOOKS_AGAIN_MS, pause.signal)
    }
    await deliverer.allDone()
  }
  return {
    name: 'webhooks',
    async start() {
      loop = watch()
    },
    async drain() {
      stopping.abort()
      pause.abort()
      await loop
    },
  }
}
