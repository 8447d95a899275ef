import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BulkTask, runKeyOf } from '../../src/core/bulk/operation.ts'
import type { BulkDecision, NewBulkOperation, PendingRecord } from '../../src/core/ports/bulk-store.ts'
import type { Issue, IssueWrite } from '../../src/core/sync/issue.ts'
import { createCare } from '../../src/store/care.ts'
import { newOperation, ofIssues } from '../support/bulk.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import {
  couplingWrite,
  givenWorkplace,
  issueWrite,
  newLine,
  newRun,
  type Workplace,
} from '../support/store-fixtures.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

const bulk = () => opened.store.bulk
const act = { by: 'anna', reason: 'why' }

async function given(...issues: readonly (readonly [key: string, changes?: Partial<IssueWrite>])[]) {
  const place = await givenWorkplace(opened.store)
  await place.commit({ openIssues: issues.map(([key, changes]) => issueWrite(place.jobId, key, changes)) })
  return place
}
const filterOf = (place: Workplace, more: object = {}) => ofIssues({ pairId: place.pair.id, ...more })
const start = async (place: Workplace, task: BulkTask, more: Partial<NewBulkOperation> = {}) =>
  (await bulk().start(newOperation({ task, selection: filterOf(place), ...more }))).operation
const pending = (id: number, limit = 100, after = 0) => bulk().listPending(id, { after, limit })
const applied = (record: PendingRecord): BulkDecision => ({
  verdict: 'apply',
  record,
  resolution: null,
  requests: [],
})
const issuesOf = async (place: Workplace): Promise<Issue[]> => {
  const query = { pairId: place.pair.id, limit: 100, before: null }
  const issues = await opened.store.operations.listIssues(query)
  return [...issues].sort((a, b) => (a.key < b.key ? -1 : 1))
}
const statesOf = async (id: number) =>
  (await bulk().listRecords({ id, limit: 100, after: 0, state: null })).map(
    ({ position, key, state, code }) => `${position} ${key} ${state}${code === null ? '' : ` ${code}`}`,
  )
const auditOf = async (subject: string) =>
  (await opened.store.access.listAudit({ subject, limit: 50, before: null })).map(({ action, detail }) => ({
    action,
    detail,
  }))

describe('what an operation is about', () => {
  it('is counted by mapping, kind and code, with numbers that name nothing', async () => {
    const place = await given(
      ['A'],
      ['B', { kind: 'skipped' }],
      ['C', { code: 'VALUE_MISSING', partnerKey: 'text:c' }],
    )
    const mapping = { mappingId: place.mapping.id, mapping: place.mapping.definition.name, records: 1 }
    const { groups, unknown } = await bulk().count(filterOf(place))
    expect(unknown).toBe(0)
    expect(groups).toEqual([
      { ...mapping, issue: { kind: 'failed', code: 'VALUE_MISSING', hasPartner: true } },
      { ...mapping, issue: { kind: 'failed', code: 'VALUE_TRUNCATED', hasPartner: expect.any(Boolean) } },
      { ...mapping, issue: { kind: 'skipped', code: 'VALUE_TRUNCATED', hasPartner: expect.any(Boolean) } },
    ])
    const [a] = await issuesOf(place)
    const ids = [a?.id ?? 0, 999_999_999, 999_999_999]
    expect(await bulk().count(ofIssues({ ids }))).toMatchObject({ groups: [{ records: 1 }], unknown: 1 })
  })

  it('is fixed when it is asked for: what comes later is not worked on, a number that names nothing is refused', async () => {
    const place = await given(['B'], ['A'])
    const ids = [...(await issuesOf(place)).map(({ id }) => id), 999_999_999]
    const operation = await start(place, { kind: 'retry' }, { selection: filterOf(place, { ids }) })
    await place.commit({ openIssues: [issueWrite(place.jobId, 'C')] })
    expect(operation).toMatchObject({
      state: 'waiting',
      pairId: place.pair.id,
      counts: { selected: 3, done: 0, refused: 1, failed: 0 },
    })
    expect(await statesOf(operation.id)).toEqual([
      '1 text:A pending',
      '2 text:B pending',
      '3 null refused ISSUE_UNKNOWN',
    ])
    expect(await auditOf(`operation ${operation.id}`)).toMatchObject([
      { action: 'operation.start', detail: { task: { kind: 'retry' }, selected: 3 } },
    ])
  })

  it('is refused when it is nothing, or not as much as was seen, and then nothing is stored', async () => {
    const place = await given(['A'])
    const none = start(place, { kind: 'retry' }, { selection: filterOf(place, { code: 'INTERNAL' }) })
    await expect(none).rejects.toMatchObject({ code: 'NOTHING_SELECTED' })
    await expect(start(place, { kind: 'retry' }, { expected: 2 })).rejects.toMatchObject({
      code: 'SELECTION_CHANGED',
      data: { selected: 1, expected: 2 },
    })
    const query = { limit: 10, before: null, mapping: null, kind: null, state: null }
    expect(await bulk().list({ ...query, pairId: place.pair.id })).toEqual([])
    expect(await start(place, { kind: 'retry' }, { expected: 1 })).toMatchObject({ counts: { selected: 1 } })
  })

  it('is asked for once, however many ask with one key at once', async () => {
    const place = await given(['A'])
    const keyed = { idempotencyKey: 'order 1', payloadHash: 'x' }
    const all = await Promise.all(
      [1, 2, 3, 4].map(() =>
        bulk().start(newOperation({ task: { kind: 'retry' }, selection: filterOf(place), ...keyed })),
      ),
    )
    expect(new Set(all.map(({ operation }) => operation.id)).size).toBe(1)
    expect(all.filter(({ created }) => created)).toHaveLength(1)
    await expect(start(place, { kind: 'skip' }, { ...keyed, payloadHash: 'y' })).rejects.toMatchObject({
      code: 'RUN_KEY_REUSED',
    })
  })
})

describe('a chunk', () => {
  it('writes issues, results, counters and audit together', async () => {
    const place = await given(['A', { retryInMs: 60_000, repeats: 2 }], ['B', { kind: 'skipped' }], ['C'])
    const { id } = await start(place, { kind: 'retry' }, { reason: 'fixed', requestedBy: 'anna' })
    const [a, b, c] = await pending(id)
    if (!a || !b || !c) throw new Error('Not three')
    const why = { code: 'ISSUE_CHANGED', message: 'so' } as const
    const report = await bulk().commitChunk(id, [
      applied(a),
      applied(b),
      { verdict: 'refuse', record: c, why },
    ])
    expect(report).toEqual({ isOpen: true, busy: 0 })
    const due = (await opened.store.sync.findDueIssues(place.mapping.id, 'to', 10)).map(({ key }) => key)
    expect(due.sort()).toEqual(['text:A', 'text:B'])
    const ofOperation = async (operationId: number) =>
      (
        await opened.store.sync.findDueIssues(place.mapping.id, 'to', 10, {
          jobIds: [],
          operationId,
          answers: null,
          keys: [],
        })
      ).map(({ key }) => key)
    expect((await ofOperation(id)).sort()).toEqual(['text:A', 'text:B'])
    expect(await ofOperation(id + 1)).toEqual([])
    expect(await issuesOf(place)).toMatchObject([
      { kind: 'failed', repeats: 0, attempts: 1 },
      { kind: 'failed', repeats: 0, parkedBy: null },
      { kind: 'failed', repeats: 1 },
    ])
    expect(await statesOf(id)).toEqual(['1 text:A done', '2 text:B done', '3 text:C refused ISSUE_CHANGED'])
    expect(await bulk().get(id)).toMatchObject({ state: 'running', counts: { done: 2, refused: 1 } })
    expect((await auditOf(`operation ${id}`))[0]).toEqual({
      action: 'issues.retry',
      detail: { issues: [a.subjectId, b.subjectId], refused: [c.subjectId] },
    })
    expect(await bulk().listTouchedMappings(id)).toEqual([place.mapping.id])
  })

  it('that has been committed changes nothing when it is committed again', async () => {
    const place = await given(['A'])
    const { id } = await start(place, { kind: 'skip' }, { reason: 'why' })
    const records = await pending(id)
    await bulk().commitChunk(id, records.map(applied))
    await place.commit({ openIssues: [issueWrite(place.jobId, 'A')] })
    expect(await bulk().commitChunk(id, records.map(applied))).toEqual({ isOpen: true, busy: 0 })
    expect(await issuesOf(place)).toMatchObject([{ kind: 'failed', parkedBy: null }])
    expect(await bulk().get(id)).toMatchObject({ counts: { selected: 1, done: 1 } })
    expect(await auditOf(`operation ${id}`)).toHaveLength(2)
  })

  it('of two workers at once is done once, and the other one goes on behind it', async () => {
    const place = await given(...Array.from({ length: 40 }, (_, at) => [`K${at}`] as const))
    const { id } = await start(place, { kind: 'skip' })
    const work = async () => {
      for (let after = 0; ; ) {
        const records = await pending(id, 7, after)
        if (records.length === 0) return
        await bulk().commitChunk(id, records.map(applied))
        after = records.at(-1)?.position ?? 0
      }
    }
    await Promise.all([work(), work(), work()])
    expect(await bulk().get(id)).toMatchObject({ counts: { selected: 40, done: 40, refused: 0 } })
    const audited = (await auditOf(`operation ${id}`)).flatMap(
      ({ detail }) => (detail['issues'] as number[]) ?? [],
    )
    expect(new Set(audited).size).toBe(40)
    expect(audited).toHaveLength(40)
  })

  it('refuses what has changed since it was decided, and leaves what a page holds for later', async () => {
    const place = await given(['A'], ['B'], ['C'])
    const { id } = await start(place, { kind: 'retry' })
    const records = await pending(id)
    await place.commit({ openIssues: [issueWrite(place.jobId, 'B', { code: 'VALUE_MISSING' })] })
    const holder = await opened.pool.connect()
    try {
      await holder.query(`BEGIN; SELECT FROM couplet.issue WHERE id = ${records[2]?.subjectId} FOR UPDATE`)
      expect(await bulk().commitChunk(id, records.map(applied))).toEqual({ isOpen: true, busy: 1 })
    } finally {
      await holder.query('ROLLBACK')
      holder.release()
    }
    expect(await statesOf(id)).toEqual([
      '1 text:A done',
      '2 text:B refused ISSUE_CHANGED',
      '3 text:C pending',
    ])
    expect(await bulk().finish(id, [])).toBe(false)
    await bulk().commitChunk(id, (await pending(id)).map(applied))
    expect(await bulk().finish(id, [7])).toBe(true)
    expect(await bulk().get(id)).toMatchObject({
      state: 'finished',
      runIds: [7],
      counts: { done: 2, refused: 1 },
    })
  })

  it('a decision about a conflict holds for the attempt that was seen, and for no other', async () => {
    const conflict = {
      kind: 'conflict',
      errorKind: 'conflict',
      code: 'CONFLICT_BOTH_CHANGED',
      field: null,
    } as const
    const place = await given(['A', conflict], ['B', conflict])
    const { id } = await start(place, { kind: 'resolve', all: { take: 'local' }, fields: {} })
    const records = await pending(id)
    await place.commit({ openIssues: [issueWrite(place.jobId, 'B', conflict)] })
    const resolution = { kind: 'conflict', id: 'x', decidedBy: 'anna', choices: [] } as const
    await bulk().commitChunk(
      id,
      records.map((record) => ({ verdict: 'apply', record, resolution, requests: [] })),
    )
    expect(await statesOf(id)).toEqual(['1 text:A done', '2 text:B refused ISSUE_CHANGED'])
    expect(await issuesOf(place)).toMatchObject([{ resolution: { id: 'x' } }, { resolution: null }])
  })

  it('puts requests for couplings into the inbox', async () => {
    const place = await givenWorkplace(opened.store)
    await place.commit({ couplings: ['A', 'B', 'C'].map((key) => couplingWrite(key, `r${key}`)) })
    const filter = { pairId: place.pair.id, mapping: place.mapping.definition.name }
    expect(await bulk().count({ of: 'couplings', filter })).toMatchObject({
      groups: [{ issue: null, records: 3 }],
    })
    const operation = await start(place, { kind: 'synchronize' }, { selection: { of: 'couplings', filter } })
    const records = await pending(operation.id)
    expect(records.map(({ coupling }) => coupling)).toMatchObject([
      { local: { key: 'text:A' }, remote: { key: 'text:rA' } },
      { local: { key: 'text:B' } },
      { local: { key: 'text:C' } },
    ])
    const request = { direction: 'to', key: 'text:A', force: true, createMissing: false } as const
    const [first] = records
    if (!first) throw new Error('No record')
    await bulk().commitChunk(operation.id, [
      { verdict: 'apply', record: first, resolution: null, requests: [request] },
    ])
    expect(await opened.store.sync.findInbox(place.mapping.id, 'to', 10)).toMatchObject([
      { key: 'text:A', force: true, task: null, jobIds: [] },
    ])
  })

  it('takes back what it has asked for with the run that carries it out, and nothing that others want', async () => {
    const place = await givenWorkplace(opened.store)
    const keys = ['A', 'B', 'C']
    await place.commit({ couplings: keys.map((key) => couplingWrite(key, `r${key}`)) })
    const filter = { pairId: place.pair.id, mapping: place.mapping.definition.name }
    const ask = async (startsWith = '') => {
      const selection = { of: 'couplings', filter: { ...filter, startsWith } } as const
      const { id } = await start(place, { kind: 'synchronize' }, { selection })
      const records = await pending(id)
      const decisions = records.map((record): BulkDecision => {
        const key = record.coupling?.local.key ?? ''
        const request = { direction: 'to', key, force: true, createMissing: false } as const
        return { verdict: 'apply', record, resolution: null, requests: [request] }
      })
      await bulk().commitChunk(id, decisions)
      return id
    }
    const first = await ask()
    await ask('B')
    const soon = { direction: 'to', key: 'text:C', force: false, createMissing: false } as const
    await opened.store.runs.requestRecords(place.mapping, [soon])
    const key = { idempotencyKey: runKeyOf(first), payloadHash: 'same' }
    const asked = newRun(place.pair, [newLine(place.mapping)], key)
    const { run } = await opened.store.runs.createRun(asked)
    await opened.store.runs.cancelRun(run.id, act)
    const left = await opened.store.sync.findInbox(place.mapping.id, 'to', 10)
    expect(left.map(({ key }) => key).sort()).toEqual(['text:B', 'text:C'])
  })
})

describe('the end of an operation', () => {
  it('is refused to a chunk of one that was cancelled: nothing is done any more', async () => {
    const place = await given(['A'], ['B'])
    const { id } = await start(place, { kind: 'skip' })
    const [a, b] = await pending(id)
    if (!a || !b) throw new Error('Not two')
    await bulk().commitChunk(id, [applied(a)])
    expect(await bulk().cancel(id, act)).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'anna',
      counts: { done: 1 },
    })
    expect(await bulk().commitChunk(id, [applied(b)])).toEqual({ isOpen: false, busy: 0 })
    expect(await issuesOf(place)).toMatchObject([{ kind: 'skipped' }, { kind: 'failed' }])
    await expect(bulk().cancel(id, act)).rejects.toMatchObject({ code: 'OPERATION_ENDED' })
    await expect(bulk().cancel(999_999_999, act)).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
    expect(await bulk().finish(id, [])).toBe(false)
    expect((await auditOf(`operation ${id}`))[0]).toMatchObject({
      action: 'operation.cancel',
      detail: { done: 1 },
    })
  })

  it('by a failure takes the pending records along, and what was done stays done', async () => {
    const place = await given(['A'], ['B'])
    const { id } = await start(place, { kind: 'skip' })
    const [a] = await pending(id)
    if (!a) throw new Error('No record')
    await bulk().commitChunk(id, [applied(a)])
    await bulk().fail(id, { code: 'INTERNAL', message: 'a bug' })
    await bulk().fail(id, { code: 'INTERNAL', message: 'once more' })
    expect(await bulk().get(id)).toMatchObject({
      state: 'failed',
      error: { message: 'a bug' },
      counts: { selected: 2, done: 1, failed: 1 },
    })
    expect(await statesOf(id)).toEqual(['1 text:A done', '2 text:B failed INTERNAL'])
  })

  it('is followed by retention, which takes its records along and leaves others', async () => {
    const place = await given(['A'])
    const old = await start(place, { kind: 'skip' })
    const young = await start(place, { kind: 'skip' })
    for (const { id } of [old, young]) {
      await bulk().commitChunk(id, (await pending(id)).map(applied))
      await bulk().finish(id, [])
    }
    const running = await start(place, { kind: 'retry' })
    await opened.pool.query(
      `UPDATE couplet.bulk_operation SET finished_at = now() - interval '31 days' WHERE id = ${old.id}`,
    )
    const retention = createCare(opened.pool).retention
    expect([
      await retention.removeOld('operations', 30, new AbortController().signal),
      await retention.removeOld('operations', 30, new AbortController().signal),
    ]).toEqual([1, 1])
    expect(await retention.removeOld('operations', 30, new AbortController().signal)).toBe(0)
    await expect(bulk().get(old.id)).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
    expect(await statesOf(old.id)).toEqual([])
    for (const { id } of [young, running]) expect(await statesOf(id)).toHaveLength(1)
  })
})

it('lists are read page by page, and narrowed', async () => {
  const place = await given(['A'], ['B'], ['C'])
  const one = await start(place, { kind: 'skip' })
  const two = await start(place, { kind: 'retry' })
  const query = { limit: 1, before: null, pairId: place.pair.id, mapping: null, kind: null, state: null }
  const [newest] = await bulk().list(query)
  expect([newest?.id, (await bulk().list({ ...query, before: two.id }))[0]?.id]).toEqual([two.id, one.id])
  expect(await bulk().list({ ...query, kind: 'skip' })).toMatchObject([{ id: one.id }])
  expect(await bulk().list({ ...query, state: 'finished' })).toEqual([])
  const records = { id: one.id, limit: 2, after: 0, state: null }
  expect((await bulk().listRecords(records)).map(({ position }) => position)).toEqual([1, 2])
  expect((await bulk().listRecords({ ...records, after: 2 })).map(({ position }) => position)).toEqual([3])
  expect(await bulk().listRecords({ ...records, state: 'done' })).toEqual([])
  expect((await bulk().listUnfinished(200)).map(({ id }) => id)).toEqual(
    expect.arrayContaining([one.id, two.id]),
  )
  expect(await bulk().raiseGeneration(one.id)).toBe(2)
})
