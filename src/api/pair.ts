import type { Principal } from '../core/access/principal.ts'
import type { Deps } from '../usecases/deps.ts'
import { getPairByName } from '../usecases/setup/get-pair.ts'
import { assertInScope } from './access.ts'

type PairDeps = Pick<Deps, 'stores'>

/** What a request is about; a mapping that is left out: all of them. */
interface Subject {
  readonly pair?: string | undefined
  readonly mapping?: string | undefined
}

/**
 * The pair that a filter names; null where it names none: of all pairs. Throws CONNECTION_UNKNOWN, and SCOPE_MISSING
 * where that is nothing for who asks.
 */
export async function findPairId(
  { pair, mapping }: Subject,
  principal: Principal,
  deps: PairDeps,
): Promise<number | null> {
  assertInScope(principal, pair ?? null, mapping ?? null)
  return pair === undefined ? null : (await getPairByName(pair, deps)).id
}

/** The pair that is meant; without a name the only one there is. Throws the same. */
export async function getPairId(
  { pair, mapping }: Subject,
  principal: Principal,
  deps: PairDeps,
): Promise<number> {
  const { id, name } = await getPairByName(pair ?? null, deps)
  assertInScope(principal, name, mapping ?? null)
  return id
}
