import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connector } from '../core/ports/connector.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import { within } from '../lib/within.ts'

/** The open connections of a process: each is opened at its first use and kept; one on trial, not stored yet, is its caller's to close. */
export interface Connections {
  connect(connection: ConnectionRecord): Promise<Connector>
  /**
   * What `work` connects to stays open until it has ended. A connection that has been opened with other settings meanwhile is
   * closed with the last work that uses it; one that is used outside of any stays open until `closeAll`.
   */
  holdFor<T>(work: () => Promise<T>): Promise<T>
  closeAll(): Promise<void>
}

interface Kept {
  readonly connectionId: number
  readonly identity: string
  readonly opening: Promise<Connector>
  /** How many works use it. */
  holders: number
}

interface Work {
  readonly held: Set<Kept>
  isOver: boolean
}

const working = new AsyncLocalStorage<Work>()

/** Keeps what `open` opens. A connection whose settings change is another one. */
export function keepConnections(open: (connection: ConnectionRecord) => Promise<Connector>): Connections {
  const all = new Map<string, Kept>()
  const newest = new Map<number, Kept>()
  const closing = new Set<Promise<void>>()

  function add(connection: ConnectionRecord, identity: string): Kept {
    const kept = { connectionId: connection.id, identity, opening: open(connection), holders: 0 }
    all.set(identity, kept)
    // What could not be opened is tried again by the next one who needs it.
    kept.opening.catch(() => all.get(identity) === kept && all.delete(identity))
    return kept
  }

  function closeIfReplaced(kept: Kept): void {
    if (kept.holders > 0 || newest.get(kept.connectionId) === kept) return
    if (all.get(kept.identity) === kept) all.delete(kept.identity)
    const end = close(kept).finally(() => closing.delete(end))
    closing.add(end)
  }

  return {
    async connect(connection) {
      if (connection.id === 0) return open(connection)
      const identity = JSON.stringify([connection.id, connection.kind, connection.settings])
      const kept = all.get(identity) ?? add(connection, identity)
      // Who comes back to what it holds may have read its settings before they were changed.
      if (!hold(kept)) return kept.opening
      const before = newest.get(connection.id)
      newest.set(connection.id, kept)
      if (before !== undefined) closeIfReplaced(before)
      return kept.opening
    },
    async holdFor(work) {
      const own: Work = { held: new Set(), isOver: false }
      try {
        return await working.run(own, work)
      } finally {
        own.isOver = true
        for (const kept of own.held) {
          kept.holders -= 1
          closeIfReplaced(kept)
        }
      }
    },
    async closeAll() {
      await Promise.all([...[...all.values()].map(close), ...closing])
      all.clear()
    },
  }
}

/** False: the work that asks holds it already. */
function hold(kept: Kept): boolean {
  const work = working.getStore()
  if (work === undefined || work.isOver) {
    kept.holders = Number.POSITIVE_INFINITY
    return true
  }
  if (work.held.has(kept)) return false
  work.held.add(kept)
  kept.holders += 1
  return true
}

/** A system that does not answer keeps whoever asked it, which may be a request that nobody waits for any more. */
const CLOSE_MS = 2_000

/** Nobody need know that it did not close in order. */
async function close({ opening }: Kept): Promise<void> {
  await within(CLOSE_MS, Promise.allSettled([opening.then((connector) => connector.close())]))
}
