import { breakerInWords } from '../../core/control/breaker.ts'
import { findHolding, pauseInWords } from '../../core/control/pause.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { WhyFacts } from '../../core/sync/explain.ts'
import type { Deps } from '../deps.ts'

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
