import type { RecordSnapshot, WriteOperation, WriteRequest, WriteResult } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { rawOf, type Values } from '../../core/values/value.ts'
import { present } from '../../lib/assert.ts'
import { failureError, type ODataFailure } from '../odata/failure.ts'
import { type PartResult, type Prepared, rowOf, writeParts } from './batch-writes.ts'
import { createMultiple } from './bulk-create.ts'
import { judgeAfterLook, judgeFailure } from './judge-failure.ts'
import { prepareWrites } from './prepare-writes.ts'
import { readByKeys } from './read-by-keys.ts'
import { asWritten } from './reread.ts'
import { keyOfId, recordReader, selectionOf } from './rows.ts'
import { withStatePair } from './state-pair.ts'
import type { WriteAccess } from './write-access.ts'

type Insert = Prepared<Extract<WriteOperation, { kind: 'insert' }>>

/** Fields that a new record cannot be given: it begins in the first state, and is brought into its own afterwards. */
const stateFields = ['statecode', 'statuscode'] as const

/** A write on its way: what has become of its operations so far. */
interface Course {
  readonly access: WriteAccess
  readonly request: WriteRequest
  /** What is asked of each answer: the fields wanted, and the state of records that are created. */
  readonly fields: readonly string[]
  readonly results: (WriteResult | undefined)[]
  readonly reread: Set<number>
  /** Refused operations about which only a look at the record tells. */
  readonly doubtful: Map<Prepared, ODataFailure>
  /** Written, but not shown by the answer; or not sent at all. */
  readonly unseen: Set<Prepared>
  readonly checks: ReadonlySet<Prepared>
}

/**
 * All operations, each on its own conditions. Throws only when a request failed as a whole; what was sent may have been
 * carried out then, and is in doubt.
 */
export async function writeRecords(
  access: WriteAccess,
  request: WriteRequest,
): Promise<readonly WriteResult[]> {
  const { shape } = access
  const prepared = await prepareWrites(access, request)
  const withState = stateFields.filter((name) => shape.columns.has(name))
  const setsState = prepared.operations.some(
    ({ operation }) => operation.kind === 'insert' && hasState(operation.values),
  )
  const course: Course = {
    access,
    request,
    fields: setsState ? [...new Set([...request.returning, ...withState])] : request.returning,
    results: [...prepared.results],
    reread: new Set(),
    doubtful: new Map(),
    unseen: new Set(prepared.checks),
    checks: new Set(prepared.checks),
  }
  const left = await createInBulk(course, prepared.operations)
  await writeEach(course, left)
  await lookAfter(course)
  await setStates(course, prepared.operations)
  refuseWithoutPrivilege(course)
  return course.results.map((result, index) => finished(course, present(result, 'write result'), index))
}

const hasState = (values: Values): boolean => stateFields.some((name) => (values[name] ?? null) !== null)

/** Fewer are as well created one by one, with the record in the answer. */
const fewestInBulk = 3

async function createInBulk(
  { access, request, unseen }: Course,
  operations: readonly Prepared[],
): Promise<readonly Prepared[]> {
  const { shape, settings } = access
  const inserts = operations.filter(isInsert)
  const isPossible = settings.mayCreateInBulk && shape.hasCreateMultiple && inserts.length >= fewestInBulk
  if (!isPossible || hasTwice(inserts)) return operations
  const created = await createMultiple(access, inserts, request)
  for (const each of created) unseen.add(each)
  return operations.filter((each) => !created.has(each))
}

function isInsert(each: Prepared): each is Insert {
  return each.operation.kind === 'insert'
}

function hasTwice(operations: readonly Prepared[]): boolean {
  return new Set(operations.map(({ id }) => id)).size < operations.length
}

async function writeEach(course: Course, operations: readonly Prepared[]): Promise<void> {
  const { access, request, results } = course
  const selection = selectionOf(access.shape, course.fields)
  const read = recordReader(access.shape, course.fields)
  const answers = await writeParts(access, operations, selection, request)
  for (const [each, answer] of answers) {
    const result = resultOf(course, each, answer, read)
    if (result) results[each.index] = result
  }
}

function resultOf(
  { access, doubtful, unseen }: Course,
  each: Prepared,
  answer: PartResult,
  read: ReturnType<typeof recordReader>,
): WriteResult | null {
  if (answer.kind === 'failed') {
    const verdict = judgeFailure(access.shape, each.operation, answer.failure)
    if (verdict.status !== 'look') return verdict
    doubtful.set(each, answer.failure)
    return null
  }
  if (each.operation.kind === 'delete') return { status: 'deleted' }
  const row = rowOf(answer)
  if (row) return { status: 'written', record: read(row) }
  unseen.add(each)
  return null
}

/** One look at all records that no answer has shown. */
async function lookAfter(course: Course): Promise<void> {
  const { access, request, results, unseen, doubtful } = course
  const all = [...unseen, ...doubtful.keys()]
  if (all.length === 0) return
  const keys = all.map(({ id }) => keyOfId(id))
  const there = await readByKeys(access, keys, course.fields, request.signal)
  for (const each of unseen) {
    results[each.index] = seen(each, there.get(keyOfId(each.id)), !course.checks.has(each))
    course.reread.add(each.index)
  }
  for (const [each, failure] of doubtful) {
    const record = there.get(keyOfId(each.id))
    results[each.index] =
      record && each.operation.kind === 'insert'
        ? { status: 'exists', record }
        : judgeAfterLook(access.shape, each.operation, failure, record !== undefined)
  }
}

/** What was not sent has written nothing: the version alone decides. */
function seen({ operation }: Prepared, record: RecordSnapshot | undefined, isSent: boolean): WriteResult {
  if (!record) return { status: 'missing' }
  const isOther = operation.kind !== 'insert' && record.version !== operation.expectedVersion
  return !isSent && isOther ? { status: 'version-mismatch' } : { status: 'written', record }
}

const stateAttempts = 3

/**
 * New records that are to be in another state than the first. Whoever dies before that leaves a record that is found in
 * place, is ours by its id, and has a state that differs: the next run sets it.
 */
async function setStates(course: Course, operations: readonly Prepared[]): Promise<void> {
  const { results, unseen, doubtful } = course
  for (let attempt = 1; ; attempt += 1) {
    const open = operations.flatMap((each) => stateUpdate(course, each))
    if (open.length === 0) return
    if (attempt > stateAttempts) {
      for (const { index } of open) results[index] = { status: 'locked' }
      return
    }
    doubtful.clear()
    unseen.clear()
    await writeEach(course, open)
    // Somebody else, mostly a workflow, has changed the new record meanwhile.
    for (const each of open) if (results[each.index]?.status === 'version-mismatch') unseen.add(each)
    await lookAfter(course)
  }
}

function stateUpdate({ access, results }: Course, { operation, index, id }: Prepared): readonly Prepared[] {
  const result = results[index]
  if (operation.kind !== 'insert' || result?.status !== 'written' || !hasState(operation.values)) return []
  const { record } = result
  const pair = withStatePair(operation.values, access.shape.stateOptions)
  const wanted = stateFields.filter((name) => (pair[name] ?? null) !== null)
  if (wanted.every((name) => record.values[name] === pair[name])) return []
  const key: RecordKey = record.key
  const values: Values = Object.fromEntries(wanted.map((name) => [name, pair[name] ?? null]))
  const body = Object.fromEntries(wanted.map((name) => [name, Number(rawOf(pair[name] ?? null))]))
  const expectedVersion = record.version
  return [{ operation: { kind: 'update', key, expectedVersion, values }, index, id, body }]
}

/** A right that is missing for all of them concerns the connection, not the records. */
function refuseWithoutPrivilege({ access, results }: Course): void {
  const refused = results.map((result) =>
    result?.status === 'rejected' && result.problem.code === 'PRIVILEGE_MISSING' ? result.problem : null,
  )
  const [first] = refused
  if (!first || refused.includes(null)) return
  const failure: ODataFailure = {
    status: 403,
    code: '',
    message: first.message,
    retryAfterMs: null,
    facet: null,
  }
  throw failureError(failure, `write to ${access.shape.schema.table}`, access.client.facts)
}

/** The record with the fields asked for; what was read later is compared with what was sent. */
function finished(
  { access, request, fields, reread }: Course,
  result: WriteResult,
  index: number,
): WriteResult {
  if (!('record' in result)) return result
  const operation = present(request.operations[index], 'operation')
  const isOwn = result.status === 'written' && reread.has(index) && operation.kind !== 'delete'
  const record = isOwn ? asWritten(access.shape, operation.values, result.record) : result.record
  const { key, version, modifiedAt, values: all } = record
  const values = fields === request.returning ? all : pick(all, request.returning)
  return { status: result.status, record: { key, version, modifiedAt, values } }
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]))
}
