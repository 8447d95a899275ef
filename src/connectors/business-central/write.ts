import { type BatchLimits, nextBatchSize } from '../../core/budget/batch-size.ts'
import { type Problem, problem, SyncError } from '../../core/errors.ts'
import type { WriteRequest, WriteResult } from '../../core/ports/connector.ts'
import { present } from '../../lib/assert.ts'
import { failureError, type ODataFailure } from '../odata/failure.ts'
import { isJsonObject } from '../odata/json.ts'
import type { ODataRow } from '../odata/page.ts'
import { readByKeys } from './by-value.ts'
import { findExisting, inRounds, sentValues } from './creations.ts'
import { getFields } from './fields.ts'
import { judgeFailure, recordProblem } from './judge-failure.ts'
import { type Part, type PartResult, sendAll, sendParts } from './parts.ts'
import { type PreparedWrite, prepareWrite } from './prepare-write.ts'
import { snapshotOf } from './rows.ts'
import type { TableShape } from './shape.ts'

export interface WriteSettings {
  /** Most operations of one request. */
  readonly batchSize: number
  /** Records are created although a lost answer could create them twice. */
  readonly acceptDuplicateRisk: boolean
}

/** A batch is to end long before the gateway gives up (connectors.md B.8). */
const targetMs = 30_000

/** Writes to one table; the size of its batches follows what the service can do. */
export class TableWriter {
  readonly #shape: TableShape
  readonly #settings: WriteSettings
  readonly #limits: BatchLimits
  #size: number

  constructor(shape: TableShape, settings: WriteSettings) {
    this.#shape = shape
    this.#settings = settings
    this.#limits = { floor: 1, ceiling: settings.batchSize, targetMs, step: 10 }
    this.#size = settings.batchSize
  }

  /**
   * Batches one after the other, each operation on its own: rows of one parent are never written at the same time
   * (connectors.md B.5). Throws where the service as a whole does not work, or where it is not known what became of a
   * request; what the answers before have said is then found again by the page's intent.
   */
  async write(request: WriteRequest): Promise<readonly WriteResult[]> {
    getFields(this.#shape, request.returning)
    const results: (WriteResult | undefined)[] = request.operations.map(() => undefined)
    const writes: PreparedWrite[] = []
    request.operations.forEach((operation, index) => {
      const prepared = prepareWrite(this.#shape, operation, index, this.#settings.acceptDuplicateRisk)
      if ('write' in prepared) writes.push(prepared.write)
      else results[index] = prepared.result
    })
    const put = (write: PreparedWrite, result: WriteResult) => {
      results[write.index] = result
    }
    const open = await this.#settleWithoutWriting(writes, request, put)
    await this.#send(open, request, put)
    return results.map((result) => present(result, 'write result'))
  }

  /** Creations that have been carried out already, and updates that only ask for the version. */
  async #settleWithoutWriting(
    writes: readonly PreparedWrite[],
    request: WriteRequest,
    put: (write: PreparedWrite, result: WriteResult) => void,
  ): Promise<readonly PreparedWrite[]> {
    const { returning, signal } = request
    const isGuarded = this.#shape.schema.creation === 'business-key'
    const inserts = isGuarded ? writes.filter(({ operation }) => operation.kind === 'insert') : []
    const existing = await findExisting(this.#shape, inserts, returning, signal)
    for (const [write, record] of existing) put(write, { status: 'exists', record })
    const empty = writes.filter(
      ({ operation }) => operation.kind === 'update' && Object.keys(operation.values).length === 0,
    )
    const records = await this.#readWritten(empty, request)
    empty.forEach((write) => {
      const record = records(write)
      const isSame = write.operation.kind === 'update' && record?.version === write.operation.expectedVersion
      if (!record) put(write, { status: 'missing' })
      else put(write, isSame ? { status: 'written', record } : { status: 'version-mismatch' })
    })
    const settled = new Set([...existing.keys(), ...empty])
    return writes.filter((write) => !settled.has(write))
  }

  async #send(
    writes: readonly PreparedWrite[],
    request: WriteRequest,
    put: (write: PreparedWrite, result: WriteResult) => void,
  ): Promise<void> {
    const duplicates = new Map<PreparedWrite, ODataFailure>()
    const unseen: PreparedWrite[] = []
    const settle = (write: PreparedWrite, answer: PartResult) => {
      if (answer.kind === 'failed') {
        const verdict = judgeFailure(answer.failure, write.operation.kind)
        if (verdict === 'whole') throw this.#failure(answer.failure)
        const isTaken = verdict === 'duplicate' && write.operation.kind === 'insert'
        if (isTaken) duplicates.set(write, answer.failure)
        else put(write, refusedResult(this.#shape, write, answer.failure, verdict))
        return
      }
      const row = isJsonObject(answer.body ?? null) ? (answer.body as ODataRow) : null
      if (write.operation.kind === 'delete') put(write, { status: 'deleted' })
      else if (row === null) unseen.push(write)
      else put(write, { status: 'written', record: snapshotOf(this.#shape, row, request.returning) })
    }
    const how = {
      send: (batch: readonly Part[]) => this.#sendBatch(batch, request),
      size: () => this.#size,
      pacing: this.#shape.pacing,
      signal: request.signal,
    }
    for (const round of inRounds(this.#shape, writes)) {
      const parts = round.map(({ part }) => part)
      await sendAll(parts, how, (index, answer) => settle(present(round[index], 'operation'), answer))
    }
    await this.#settleDuplicates(duplicates, request, put)
    const records = await this.#readWritten(unseen, request)
    for (const write of unseen) {
      const record = records(write)
      put(write, record ? { status: 'written', record } : { status: 'missing' })
    }
  }

  /** One batch; one that is too large for the service is halved. Anything else it says of the whole is thrown. */
  async #sendBatch(parts: readonly Part[], request: WriteRequest): Promise<readonly PartResult[]> {
    const learn = (status: number | null, durationMs: number, timedOut: boolean) => {
      const answer = { records: parts.length, durationMs, status, timedOut }
      this.#size = nextBatchSize(this.#size, answer, this.#limits)
    }
    try {
      const { results, durationMs } = await sendParts(this.#shape.client, parts, this.#what, request)
      learn(200, durationMs, false)
      return results
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      const status = typeof error.data['status'] === 'number' ? error.data['status'] : null
      learn(status, 0, error.code === 'ANSWER_TIMEOUT' || error.code === 'ANSWER_STALLED')
      const isTooLarge = status === 413 && parts.length > 1
      if (!isTooLarge) throw error
      return this.#sendBatch(parts.slice(0, this.#size), request)
    }
  }

  /** The key is taken: by our own creation, whose answer was lost, or by somebody else's record. */
  async #settleDuplicates(
    duplicates: ReadonlyMap<PreparedWrite, ODataFailure>,
    request: WriteRequest,
    put: (write: PreparedWrite, result: WriteResult) => void,
  ): Promise<void> {
    const existing = await findExisting(
      this.#shape,
      [...duplicates.keys()],
      request.returning,
      request.signal,
    )
    for (const [write, failure] of duplicates) {
      const record = existing.get(write)
      if (record) put(write, { status: 'exists', record })
      else put(write, rejected(duplicateProblem(this.#shape, write, failure)))
    }
  }

  /** Records by the keys of operations. */
  async #readWritten(writes: readonly PreparedWrite[], { returning, signal }: WriteRequest) {
    const keyOf = ({ operation }: PreparedWrite) => (operation.kind === 'insert' ? null : operation.key)
    const inserts = writes.filter(({ operation }) => operation.kind === 'insert')
    const created = await findExisting(this.#shape, inserts, returning, signal)
    const keys = writes.flatMap((write) => keyOf(write) ?? [])
    const records = await readByKeys(this.#shape, keys, returning, signal)
    return (write: PreparedWrite) => created.get(write) ?? records.get(keyOf(write) ?? '')
  }

  #failure(failure: ODataFailure): SyncError {
    return failureError(failure, this.#what, this.#shape.facts)
  }

  get #what(): string {
    return `write ${this.#shape.schema.table}`
  }
}

function refusedResult(
  shape: TableShape,
  write: PreparedWrite,
  failure: ODataFailure,
  verdict: ReturnType<typeof judgeFailure>,
): WriteResult {
  const { kind } = write.operation
  switch (verdict) {
    case 'changed':
      return { status: 'version-mismatch' }
    case 'missing':
      return { status: 'missing' }
    case 'duplicate':
      return rejected(duplicateProblem(shape, write, failure))
    case 'throttled':
      return rejected(
        problem('THROTTLED', `${shape.schema.table}: the service takes no more requests for now`, {
          ...(failure.retryAfterMs === null ? {} : { retryAfterMs: failure.retryAfterMs }),
        }),
      )
    default:
      return rejected(recordProblem(shape, failure, kind, sentValues(write)))
  }
}

function duplicateProblem(shape: TableShape, write: PreparedWrite, failure: ODataFailure): Problem {
  const sent = sentValues(write)
  const names = [...shape.schema.keyFields, ...(shape.schema.businessKey ?? [])]
  const field = names.find((name) => name in sent) ?? null
  return problem('POSSIBLE_DUPLICATE', `${shape.schema.table}: ${failure.message}`, { field })
}

function rejected(found: Problem): WriteResult {
  return { status: 'rejected', problem: found }
}
