import type { Coupling } from '../../core/coupling/coupling.ts'
import { type Dependents, findReferring, sumDependents } from '../../core/coupling/dependents.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'
import { findCoupledByText } from './coupled-by-text.ts'

/** What an uncoupling would be about, for the question before it. */
export interface ForeseenUncoupling {
  readonly couplings: number
  readonly dependents: readonly Dependents[]
}

type ForeseeDeps = Pick<Deps, 'stores' | 'connect' | 'settings'>

/**
 * Counts the couplings and who refers to their records; `keys` as people write them, null: all of the mapping. Changes
 * nothing. Throws NOT_COUPLED naming the keys without a coupling.
 */
export async function foreseeUncoupling(
  request: { readonly pairId: number; readonly mapping: string; readonly keys: readonly string[] | null },
  deps: ForeseeDeps,
): Promise<ForeseenUncoupling> {
  const { mappings, sync } = deps.stores
  const mapping = await mappings.getMapping(request.pairId, request.mapping)
  const referring = findReferring(mapping.definition.name, await mappings.listMappings(request.pairId))
  const found: (readonly Dependents[])[] = []
  let count = 0
  for await (const page of pagesOf(mapping, request.keys, deps)) {
    count += page.length
    found.push(sumDependents((await sync.findDependents(page, referring)).values()))
  }
  return { couplings: count, dependents: sumDependents(found) }
}

async function* pagesOf(
  mapping: StoredMapping,
  keys: readonly string[] | null,
  deps: ForeseeDeps,
): AsyncIterable<readonly Coupling[]> {
  if (keys !== null) {
    yield await findCoupledByText(mapping, keys, deps)
    return
  }
  const { sync } = deps.stores
  const limit = deps.settings.pageSize
  const last = await sync.findLastCoupling(mapping.id)
  for (let after = 0; ; ) {
    const page = await sync.listCouplings(mapping.id, { after, last, limit })
    yield page
    if (page.length < limit) return
    after = page.at(-1)?.id ?? last
  }
}
