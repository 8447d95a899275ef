import { SyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import { assertEnabled } from '../../core/mapping/assert-enabled.ts'
import { type JobDirection, jobDirections, type Side, sourceSide } from '../../core/mapping/definition.ts'
import { knownKey } from '../../core/mapping/schema-drift.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import { plainOptions } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { text } from '../../core/values/value.ts'
import { requestLine } from '../flow/plan-run.ts'
import { type StartDeps, storeAndEnqueue } from '../flow/start-run.ts'
import { parseTypedKey } from './find-by-text.ts'

/** Records put into the inbox by one statement. */
const BATCH = 5_000

export interface EnqueueRequest {
  readonly pairId: number
  readonly mapping: string
  /** The side the records are on; they are brought to the other one. */
  readonly side: Side
  /** Keys as people write them; of coupled records also the number by which others refer to them. */
  readonly keys: readonly string[]
  /** Creates the missing partner although the mapping says only coupled records. */
  readonly createMissing: boolean
  readonly requestedBy: string
  readonly reason: string
}

/**
 * Asks for records to be synchronized soon without looking at the systems: they are merged with those that wait, and
 * at most one run wakes somebody. Should the process die in between, the sweeper does. Gives the run that will see
 * them. Throws MAPPING_DISABLED, and RECORD_NOT_FOUND for what is no key of that side, and then nothing is enqueued.
 */
export async function enqueueRecords(
  request: EnqueueRequest,
  deps: StartDeps,
): Promise<{ readonly runId: number; readonly records: number }> {
  const { pairId, requestedBy, reason, createMissing } = request
  const mapping = await deps.stores.mappings.getMapping(pairId, request.mapping)
  assertEnabled(mapping.definition)
  const direction = directionFrom(mapping, request.side)
  const keys = await resolve(mapping, request, deps)
  let waiting: number | null = null
  for (let at = 0; at < keys.length; at += BATCH) {
    const requests = keys
      .slice(at, at + BATCH)
      .map((key) => ({ direction, key, force: true, createMissing, releases: createMissing }))
    waiting = await deps.stores.runs.requestRecords(mapping, requests)
  }
  if (waiting !== null) return { runId: waiting, records: keys.length }
  const { run } = await storeAndEnqueue(
    {
      pairId,
      kind: 'records',
      options: { ...plainOptions, createMissing, onlyAsked: true },
      requestedBy,
      reason,
      priority: runPriority('records'),
      idempotencyKey: null,
      payloadHash: null,
      scheduleId: null,
      slot: null,
      lines: [requestLine(mapping, 1, [])],
    },
    deps,
  )
  return { runId: run.id, records: keys.length }
}

function directionFrom({ definition }: StoredMapping, side: Side): JobDirection {
  const direction = jobDirections(definition.direction).find((each) => sourceSide[each] === side)
  if (direction !== undefined) return direction
  const message = `Mapping ${definition.name} runs ${definition.direction} only: it brings nothing from the ${side} side`
  throw new SyncError('DIRECTION_NOT_ALLOWED', message)
}

/** As keys where they can be one; else by the reference of a coupled record. Each once. */
async function resolve(
  mapping: StoredMapping,
  { side, keys }: EnqueueRequest,
  deps: StartDeps,
): Promise<readonly RecordKey[]> {
  const schema = (await deps.stores.mappings.findKnownSchemas(mapping.id))[side]
  const types = knownKey(schema ?? {})
  const parsed = keys.map((each) => (types.length === 0 ? null : parseTypedKey(types, each)))
  const numbers = [...new Set(keys.filter((_, index) => parsed[index] === null))]
  const byNumber = await findByReference(mapping, side, numbers, deps)
  const missing = numbers.filter((number) => !byNumber.has(number))
  if (missing.length > 0) {
    const list = missing.slice(0, 10).join(', ')
    const message = `Mapping ${mapping.definition.name}: ${list}: neither a key of ${side} ${mapping.definition[side].table} nor the number of a coupled record`
    throw new SyncError('RECORD_NOT_FOUND', message, { data: { missing: missing.length } })
  }
  return [...new Set(keys.map((each, index) => parsed[index] ?? byNumber.get(each) ?? ''))]
}

async function findByReference(
  mapping: StoredMapping,
  side: Side,
  numbers: readonly string[],
  { stores }: StartDeps,
): Promise<ReadonlyMap<string, RecordKey>> {
  const found = new Map<string, RecordKey>()
  const byReference = new Map(numbers.map((number) => [text(number), number]))
  for (let at = 0; at < numbers.length; at += BATCH) {
    const references = numbers.slice(at, at + BATCH).map((number) => text(number) ?? '')
    for (const coupling of await stores.operations.findCouplingsByReference(mapping.id, side, references)) {
      const number = byReference.get(coupling[side].reference as `text:${string}`)
      if (number !== undefined) found.set(number, coupling[side].key)
    }
  }
  return found
}
