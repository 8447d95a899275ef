import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newOperation, ofIssues } from '../support/bulk.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { givenWorkplace, issueWrite, type Workplace } from '../support/store-fixtures.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

const act = { by: 'anna', reason: 'why' }
const store = () => opened.store
const deleted = { code: 'DELETED_ON_ONE_SIDE', kind: 'conflict', partnerKey: 'text:a' } as const
const held = { ...deleted, code: 'DELETION_HELD', kind: 'waiting' } as const

async function issueOf(place: Workplace) {
  const [issue] = await store().operations.listIssues({ pairId: place.pair.id, limit: 1, before: null })
  return issue
}

interface Case {
  readonly action: string
  readonly prepare?: (place: Workplace) => Promise<unknown>
  readonly change: (place: Workplace) => Promise<unknown>
  /** What must be as it was when the entry cannot be written. */
  readonly look: (place: Workplace) => Promise<unknown>
  readonly entry: object
}

const cases: readonly Case[] = [
  {
    action: 'run.retry',
    prepare: async ({ runId }) => store().runs.cancelRun(runId, act),
    change: ({ runId }) => store().runs.retryLines(runId, null, act),
    look: async ({ runId }) => (await store().runs.getRun(runId)).run,
    entry: {
      reason: 'why',
      before: { state: 'cancelled', cancelledBy: 'anna' },
      after: { state: 'running', cancelledBy: null },
    },
  },
  {
    action: 'full-sync.question-answered',
    prepare: ({ runId, pair }) =>
      store().operations.openQuestion({ runId, pairId: pair.id, mappings: [], expiresInMs: 60_000 }),
    change: ({ runId }) => store().operations.answerQuestion(runId, 'no', [], 'anna'),
    look: ({ runId }) => store().operations.findQuestion(runId),
    entry: { detail: { answer: 'no', results: [] } },
  },
  {
    action: 'deletion.resolve',
    prepare: (place) => place.commit({ openIssues: [issueWrite(place.jobId, 'A', deleted)] }),
    change: async (place) => store().deletions.resolve((await issueOf(place))?.id ?? 0, 'restore', 'anna'),
    look: issueOf,
    entry: { detail: { choice: 'restore' } },
  },
  {
    action: 'deletions.approve',
    prepare: (place) => place.commit({ openIssues: [issueWrite(place.jobId, 'A', held)] }),
    change: ({ runId, mapping }) =>
      store().deletions.answerHeld({ runId, mappingId: mapping.id, expected: 1 }, 'propagate', 'anna'),
    look: issueOf,
    entry: { detail: { choice: 'propagate', records: 1 } },
  },
  {
    action: 'operation.start',
    prepare: (place) => place.commit({ openIssues: [issueWrite(place.jobId, 'A')] }),
    change: ({ pair }) => {
      const selection = ofIssues({ pairId: pair.id })
      return store().bulk.start(newOperation({ task: { kind: 'skip' }, selection, requestedBy: 'anna' }))
    },
    look: async () => store().bulk.listUnfinished(10),
    entry: { detail: { selected: 1 } },
  },
]

describe.each(cases)('$action', ({ action, prepare, change, look, entry }) => {
  it('is in the audit log, or it has not happened', async () => {
    const place = await givenWorkplace(store())
    await prepare?.(place)
    const before = await look(place)
    await opened.pool.query(
      `ALTER TABLE couplet.audit_log ADD CONSTRAINT unwritable CHECK (action <> '${action}') NOT VALID`,
    )
    try {
      await expect(change(place)).rejects.toThrow()
    } finally {
      await opened.pool.query('ALTER TABLE couplet.audit_log DROP CONSTRAINT unwritable')
    }
    expect(await look(place)).toEqual(before)
    await change(place)
    expect(await look(place)).not.toEqual(before)
    const [written] = await store().access.listAudit({ action, limit: 1, before: null })
    expect(written).toMatchObject({ actor: 'anna', action, ...entry })
  })
})
