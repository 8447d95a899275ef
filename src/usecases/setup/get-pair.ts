import { SyncError } from '../../core/errors.ts'
import type { Pair } from '../../core/ports/mapping-store.ts'
import type { Deps } from '../deps.ts'

/** The pair of that name; without a name the only one there is. Throws CONNECTION_UNKNOWN. */
export async function getPairByName(name: string | null, deps: Pick<Deps, 'stores'>): Promise<Pair> {
  const pairs = await deps.stores.mappings.listPairs()
  const [first, ...others] = pairs
  if (first === undefined)
    throw new SyncError('CONNECTION_UNKNOWN', 'No pair of systems is set up; do it with `couplet setup`')
  if (name === null && others.length === 0) return first
  const names = pairs.map((pair) => pair.name).join(', ')
  if (name === null)
    throw new SyncError(
      'CONNECTION_UNKNOWN',
      `There are several pairs; say which (--pair, over HTTP: pair): ${names}`,
    )
  const found = pairs.find((pair) => pair.name === name)
  if (!found) throw new SyncError('CONNECTION_UNKNOWN', `There is no pair ${name}; there are: ${names}`)
  return found
}
