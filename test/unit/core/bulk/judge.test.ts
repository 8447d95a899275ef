import { describe, expect, it } from 'vitest'
import {
  type IssueFacts,
  refuseIssue,
  refuseKind,
  requestsFor,
  type SeenIssue,
} from '../../../../src/core/bulk/judge.ts'
import {
  type BulkTask,
  bulkIsDone,
  bulkKinds,
  bulkStates,
  narrowSelection,
  needsExpectation,
  operationOfKey,
  runKeyOf,
  startsRuns,
} from '../../../../src/core/bulk/operation.ts'
import { definition } from '../../../support/store-fixtures.ts'

const failed: IssueFacts = { kind: 'failed', code: 'VALUE_TRUNCATED', hasPartner: true }
const skipped: IssueFacts = { ...failed, kind: 'skipped' }
const conflict: IssueFacts = { kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED', hasPartner: true }
const deleted: IssueFacts = { kind: 'conflict', code: 'DELETED_ON_ONE_SIDE', hasPartner: true }
const resolve: BulkTask = { kind: 'resolve', all: { take: 'local' }, fields: {} }
const remove: BulkTask = { kind: 'resolve-deletion', choice: 'propagate' }

describe('which issues a task is for', () => {
  it.each<[BulkTask, readonly IssueFacts[], readonly IssueFacts[]]>([
    [{ kind: 'retry' }, [failed, skipped, conflict, deleted], []],
    [{ kind: 'skip' }, [failed, skipped, conflict, deleted], []],
    [{ kind: 'unskip' }, [skipped], [failed, conflict, deleted]],
    [resolve, [conflict], [failed, skipped, deleted]],
    [
      remove,
      [deleted, { ...skipped, code: 'COUPLED_TO_DELETED' }],
      [failed, conflict, { ...deleted, hasPartner: false }],
    ],
  ])('%j', (task, good, bad) => {
    for (const facts of good) expect(refuseKind(task, facts)).toBeNull()
    for (const facts of bad) expect(refuseKind(task, facts)).toMatchObject({ code: 'ISSUE_NOT_MEANT' })
  })
})

describe('an issue that was selected', () => {
  const seen: SeenIssue = { code: 'VALUE_TRUNCATED', field: 'city', attempts: 2 }
  const now = { ...failed, ...seen, code: 'VALUE_TRUNCATED' as const }

  it('is refused when it is gone, or is about something else by now', () => {
    expect(refuseIssue({ kind: 'retry' }, seen, now)).toBeNull()
    expect(refuseIssue({ kind: 'retry' }, seen, null)).toMatchObject({ code: 'ISSUE_UNKNOWN' })
    const changed = { code: 'ISSUE_CHANGED' }
    expect(refuseIssue({ kind: 'retry' }, seen, { ...now, code: 'VALUE_MISSING' })).toMatchObject(changed)
    expect(refuseIssue({ kind: 'skip' }, seen, { ...now, field: null })).toMatchObject(changed)
  })

  it('may have been met again where nothing was decided about its values, and only there', () => {
    expect(refuseIssue({ kind: 'retry' }, seen, { ...now, attempts: 3 })).toBeNull()
    const met = { ...conflict, field: null, attempts: 3 }
    const before = { code: conflict.code, field: null, attempts: 3 }
    expect(refuseIssue(resolve, before, met)).toBeNull()
    expect(refuseIssue(resolve, before, { ...met, attempts: 4 })).toMatchObject({ code: 'ISSUE_CHANGED' })
    const gone = { ...deleted, field: null, attempts: 4 }
    expect(refuseIssue(remove, { ...before, code: deleted.code }, gone)).toMatchObject({
      code: 'ISSUE_CHANGED',
    })
  })
})

describe('what is selected', () => {
  const of = (filter: object) => ({ of: 'issues', filter }) as const

  it('is narrowed to what the task is for where the filter leaves it open', () => {
    expect(narrowSelection({ kind: 'unskip' }, of({ mapping: 'A' }))).toEqual(
      of({ mapping: 'A', kind: 'skipped' }),
    )
    expect(narrowSelection(resolve, of({}))).toEqual(of({ kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED' }))
    expect(narrowSelection(remove, of({}))).toEqual(of({ isAboutDeletion: true }))
    expect(narrowSelection({ kind: 'retry' }, of({}))).toEqual(of({}))
  })

  it('stays as it was named: by number, kind, code or group', () => {
    for (const filter of [{ ids: [1] }, { kind: 'failed' }, { code: 'X' }, { group: { mappingId: 1 } }])
      expect(narrowSelection(resolve, of(filter))).toEqual(of(filter))
  })
})

it('what is asked of a mapping: uncoupling once, synchronizing in each direction that transfers something', () => {
  const coupling = { local: { key: 'text:L' }, remote: { key: 'text:R' } }
  const why = { reason: 'moved', by: 'anna' }
  const uncouple = { force: false, task: { kind: 'uncouple', reason: 'moved', uncoupledBy: 'anna' } }
  const both = definition('M')
  expect(requestsFor({ kind: 'uncouple' }, coupling, both, why)).toMatchObject([
    { direction: 'to', key: 'text:L', ...uncouple },
  ])
  expect(requestsFor({ kind: 'synchronize' }, coupling, both, why)).toMatchObject([
    { direction: 'to', key: 'text:L', force: true, task: null },
    { direction: 'from', key: 'text:R', force: true, task: null },
  ])
  const from = definition('M', { direction: 'FromIntegrationTable' })
  expect(requestsFor({ kind: 'uncouple' }, coupling, from, why)).toMatchObject([
    { direction: 'from', key: 'text:R' },
  ])
  const oneWay = definition('M', {
    fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }],
  })
  expect(requestsFor({ kind: 'synchronize' }, coupling, oneWay, why)).toMatchObject([{ direction: 'to' }])
})

it('ends in exactly three states, and starts runs for all but setting aside and releasing', () => {
  expect(bulkStates.filter(bulkIsDone)).toEqual(['finished', 'cancelled', 'failed'])
  const quiet = bulkKinds.filter((kind) => !startsRuns({ kind } as BulkTask))
  expect(quiet).toEqual(['skip', 'unskip'])
  expect(bulkKinds.filter(needsExpectation)).toEqual(['resolve-deletion', 'uncouple'])
})

it('a run that carries out an operation is known by its key', () => {
  expect(operationOfKey(runKeyOf(12))).toBe(12)
  for (const key of [null, 'operation-12', 'operation 12 ', 'nightly']) expect(operationOfKey(key)).toBeNull()
})
