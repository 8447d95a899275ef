import { breakerInWords } from '../../core/control/breaker.ts'
import { findHolding, pauseInWords } from '../../core/control/pause.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { WhyFacts } from '../../core/sync/explain.ts'
import type { Deps } from '../deps.ts'

/** Connections that are paused or out of reach, by their ids, in words. */
export async function connectionsHeld({
  stores,
}: Pick<Deps, 'stores'>): Promise<ReadonlyMap<number, string>> {
  const held = new Map<number, string>()
  for (const { connectionId, state } of await stores.control.listBreakers())
    held.set(connectionId, breakerInWords(state))
  for (const pause of await stores.control.listPauses())
    if (pause.connectionId !== null) held.set(pause.connectionId, pauseInWords(pause))
  return held
}

/** What keeps a mapping from running, in words: the pause that holds it, and connections that are out of reach. */
export async function holdsInWords(
  { id }: Pick<StoredMapping, 'id'>,
  { localConnection, remoteConnection }: Pair,
  { stores }: Pick<Deps, 'stores'>,
): Promise<WhyFacts['holds']> {
  const connectionIds = [localConnection.id, remoteConnection.id]
  const pauses = await stores.control.listPauses()
  const pause = findHolding(pauses, { mappingId: id, connectionIds, isPreview: false })
  const breakers = await stores.control.listBreakers()
  return [
    ...(pause === null ? [] : [{ check: 'pause' as const, says: pauseInWords(pause) }]),
    ...breakers
      .filter(({ connectionId }) => connectionIds.includes(connectionId))
      .map(({ connection, state }) => ({
        check: 'connection' as const,
        says: `Connection ${connection} is ${breakerInWords(state)}`,
      })),
  ]
}
