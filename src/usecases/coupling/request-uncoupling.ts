import { jobDirections, sourceSide } from '../../core/mapping/definition.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { storeAndEnqueue } from '../flow/start-run.ts'
import { findCoupledByText } from './coupled-by-text.ts'

export interface UncouplingRequest {
  readonly pairId: number
  readonly mapping: string
  /** Keys or references of either side, as people write them. */
  readonly keys: readonly string[]
  readonly requestedBy: string
  readonly reason: string
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
}

type UncouplingDeps = Pick<Deps, 'stores' | 'queue' | 'log' | 'connect'>

/**
 * Asks for single records to be uncoupled, soon: inbox rows like other requests for records. Throws NOT_COUPLED
 * naming the keys. A record that is gone may be named by its key.
 */
export async function requestUncoupling(
  request: UncouplingRequest,
  deps: UncouplingDeps,
): Promise<{ run: Run; created: boolean }> {
  const same = await deps.stores.runs.findSameRun({ ...request, scheduleId: null, slot: null })
  if (same) return { run: same, created: false }
  const mapping = await deps.stores.mappings.getMapping(request.pairId, request.mapping)
  const couplings = await findCoupledByText(mapping, request.keys, deps)
  const [direction = 'to'] = jobDirections(mapping.definition.direction)
  const side = sourceSide[direction]
  const { pairId, requestedBy, reason, idempotencyKey, payloadHash } = request
  const task = { kind: 'uncouple', reason, uncoupledBy: requestedBy } as const
  const requests = couplings.map((coupling) => ({
    direction,
    key: coupling[side].key,
    force: false,
    createMissing: false,
    task,
  }))
  return storeAndEnqueue(
    {
      pairId,
      kind: 'uncouple',
      options: plainOptions,
      requestedBy,
      reason,
      priority: 1,
      idempotencyKey,
      payloadHash,
      scheduleId: null,
      slot: null,
      lines: [requestLine(mapping, 1, requests, 'uncoupling')],
    },
    deps,
  )
}
