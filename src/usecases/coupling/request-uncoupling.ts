import { jobDirections, sourceSide } from '../../core/mapping/definition.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { type RequestOrigin, startRequest } from '../flow/request-run.ts'
import { findCoupledByText } from './coupled-by-text.ts'

export interface UncouplingRequest extends RequestOrigin {
  /** Keys or references of either side, as people write them. */
  readonly keys: readonly string[]
}

type UncouplingDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect'>

/** Asks for single records to be uncoupled. Throws NOT_COUPLED naming the keys. A record that is gone may be named by its key. */
export async function requestUncoupling(
  request: UncouplingRequest,
  deps: UncouplingDeps,
): Promise<{ run: Run; created: boolean }> {
  const { keys, reason, requestedBy: uncoupledBy } = request
  const plan = async (mapping: StoredMapping) => {
    const [direction = 'to'] = jobDirections(mapping.definition.direction)
    const task = { kind: 'uncouple', reason, uncoupledBy } as const
    const couplings = await findCoupledByText(mapping, keys, deps)
    const requests = couplings.map((coupling) => {
      const { key } = coupling[sourceSide[direction]]
      return { direction, key, force: false, createMissing: false, task }
    })
    return { requests }
  }
  return startRequest(
    request,
    { kind: 'uncouple', jobType: 'uncoupling', options: { onlyAsked: true }, plan },
    deps,
  )
}
