import type { Coupling } from '../../core/coupling/coupling.ts'
import { SyncError } from '../../core/errors.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import { indexBy } from '../../lib/group.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'
import { findByText, parseKey } from '../records/find-by-text.ts'

/**
 * The couplings that people name by a key or reference of either side, each once. A record that does not exist any more
 * is still known by the key of its coupling. Throws NOT_COUPLED naming the texts without one.
 */
export async function findCoupledByText(
  mapping: StoredMapping,
  texts: readonly string[],
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<readonly Coupling[]> {
  const found = new Map<number, Coupling>()
  let missing = [...new Set(texts)]
  for (const side of ['local', 'remote'] as const) {
    if (missing.length === 0) break
    const hits = await findOnSide(mapping, side, missing, deps)
    for (const coupling of hits.values()) found.set(coupling.id, coupling)
    missing = missing.filter((text) => !hits.has(text))
  }
  if (missing.length === 0) return [...found.values()]
  const message = `Mapping ${mapping.definition.name} has no coupling of ${missing.slice(0, 10).join(', ')}`
  throw new SyncError('NOT_COUPLED', message, { data: { missing: missing.length } })
}

async function findOnSide(
  mapping: StoredMapping,
  side: Side,
  texts: readonly string[],
  deps: Pick<Deps, 'stores' | 'connect'>,
): Promise<ReadonlyMap<string, Coupling>> {
  const pair = await deps.stores.mappings.getPair(mapping.pairId)
  const signal = new AbortController().signal
  const table = await openTable(deps, mapping, pair, side, signal)
  const existing = await findByText(table, mapping.definition[side].referenceField, texts, signal)
  const keys = texts.map((text) => existing.get(text) ?? parseKey(table.schema, text))
  const couplings = await deps.stores.sync.findCouplings(
    mapping.id,
    side,
    keys.filter((key) => key !== null),
  )
  const byKey = indexBy(couplings, (coupling) => coupling[side].key)
  const hits = new Map<string, Coupling>()
  texts.forEach((text, index) => {
    const coupling = byKey.get(keys[index] ?? '')
    if (coupling) hits.set(text, coupling)
  })
  return hits
}
