import { sleep } from '../lib/sleep.ts'
import { keepAnnouncements } from '../usecases/announcements/keep-announcements.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'

/** The server that systems call while they are asked to announce something may start after this part. */
const FIRST_AFTER_MS = 5_000
const EVERY_MS = 10 * 60_000

/** Keeps the systems announcing their changes. */
export function announcementsPart({ deps, holdFor, log }: Context): Part {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const keep = async () => {
    for (let pauseMs = FIRST_AFTER_MS; !stopping.signal.aborted; pauseMs = EVERY_MS) {
      await sleep(pauseMs, stopping.signal)
      if (stopping.signal.aborted) return
      await holdFor(() => keepAnnouncements(deps, stopping.signal)).catch((error: unknown) =>
        log.error({ err: error }, 'Announcements could not be kept; the next round tries again'),
      )
    }
  }
  return {
    name: 'announcements',
    async start() {
      loop = keep()
    },
    async drain() {
      stopping.abort()
      await loop
    },
  }
}
