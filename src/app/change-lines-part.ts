import { toSyncError } from '../core/errors.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import { sleep } from '../lib/sleep.ts'
import { followChanges } from '../usecases/announcements/follow-changes.ts'
import type { Context } from './context.ts'
import type { Part } from './life-cycle.ts'

/** How soon a connection that was added or changed is listened to. */
const EVERY_MS = 10_000

/** Listens to the systems that tell of their changes on a line: one line for each connection that asks for it. */
export function changeLinesPart({ deps, holdFor, log }: Context): Part {
  const stopping = new AbortController()
  const lines = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>()
  let loop: Promise<void> = Promise.resolve()

  async function listenToAll(): Promise<void> {
    const wanted = new Map<string, ConnectionRecord>()
    for (const connection of await deps.stores.mappings.listConnections())
      if (connection.settings['announce'] === 'on') wanted.set(identityOf(connection), connection)
    await end([...lines.keys()].filter((identity) => !wanted.has(identity)))
    for (const [identity, connection] of wanted) {
      if (lines.has(identity)) continue
      const stop = new AbortController()
      const done = holdFor(() => followChanges(connection, deps, stop.signal))
      lines.set(identity, { stop, done })
    }
  }

  /** All of them are told before any is waited for. */
  async function end(identities: readonly string[]): Promise<void> {
    const ending = identities.flatMap((identity) => lines.get(identity) ?? [])
    for (const { stop } of ending) stop.abort()
    for (const identity of identities) lines.delete(identity)
    await Promise.all(ending.map(({ done }) => done))
  }

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      await listenToAll().catch((error: unknown) =>
        log.warn(
          { err: toSyncError(error) },
          'It could not be seen which systems to listen to; trying again',
        ),
      )
      await sleep(EVERY_MS, stopping.signal)
    }
  }

  return {
    name: 'change-lines',
    async start() {
      loop = keep()
    },
    async drain() {
      stopping.abort()
      await loop
      await end([...lines.keys()])
    },
  }
}

/** One whose settings change is another one. */
function identityOf({ id, settings }: ConnectionRecord): string {
  return JSON.stringify([id, settings])
}
