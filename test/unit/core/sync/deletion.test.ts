import { describe, expect, it } from 'vitest'
import {
  type DeletionFacts,
  holdsBrake,
  isActing,
  isEditedSince,
  planDeletion,
  type Survivor,
} from '../../../../src/core/sync/deletion.ts'
import { makeMapping, makeRecord } from '../../../support/factories.ts'

const record = makeRecord('local', { name: 'Adatum' })
const survivor: Survivor = { side: 'local', record, isEdited: false }
const keys = { local: record.key, remote: 'text:R1' }
const facts = (changes: Partial<DeletionFacts> = {}): DeletionFacts => ({
  keys,
  survivor,
  resolution: null,
  begun: new Set(),
  ...changes,
})
const archive = { local: { field: 'city', value: 'gone' } }
const policies = [
  'None',
  'Ask',
  'Restore Records',
  'Remove Coupling',
  'Propagate Deletion',
  'Archive',
] as const
const chosen = (choice: 'restore' | 'propagate' | 'leave', seenVersion: string | null = null) =>
  ({ kind: 'deletion', choice, seenVersion }) as const

describe('a coupling with one record left', () => {
  it('is treated as its mapping says', () => {
    const actions = policies.map(
      (deletionConflict) => planDeletion(facts(), makeMapping({ deletionConflict, archive })).action,
    )
    expect(actions).toEqual(['report', 'report', 'restore', 'uncouple', 'delete', 'archive'])
  })

  it('is reported as a failure where nothing is decided, and as a question where somebody shall be asked', () => {
    const problems = (['None', 'Ask'] as const).map((deletionConflict) =>
      planDeletion(facts(), makeMapping({ deletionConflict })),
    )
    expect(problems).toMatchObject([
      { kind: 'failed', problem: { code: 'COUPLED_TO_DELETED' } },
      { kind: 'conflict', problem: { code: 'DELETED_ON_ONE_SIDE' } },
    ])
  })

  it('is not deleted over an edit, unless that very state was seen by who chose it', () => {
    const mapping = makeMapping({ deletionConflict: 'Propagate Deletion' })
    const edited = { ...survivor, isEdited: true }
    const plan = (resolution: DeletionFacts['resolution']) =>
      planDeletion(facts({ survivor: edited, resolution }), mapping).action
    expect(plan(null)).toBe('report')
    expect(plan(chosen('propagate', 'older'))).toBe('report')
    expect(plan(chosen('propagate', null))).toBe('report')
    expect(plan(chosen('propagate', record.version))).toBe('delete')
  })

  it('follows a choice rather than the policy', () => {
    const mapping = makeMapping({ deletionConflict: 'Propagate Deletion' })
    expect(planDeletion(facts({ resolution: chosen('restore') }), mapping).action).toBe('restore')
    expect(planDeletion(facts({ resolution: chosen('leave') }), mapping).action).toBe('report')
  })

  it('writes no side that the mapping never writes', () => {
    const direction = 'ToIntegrationTable'
    const fields = [{ local: 'name', remote: 'name', direction }] as const
    for (const deletionConflict of ['Propagate Deletion', 'Archive'] as const) {
      const plan = planDeletion(facts(), makeMapping({ deletionConflict, direction, fields: [...fields] }))
      expect(plan).toMatchObject({ action: 'report', problem: { code: 'DELETED_ON_ONE_SIDE' } })
    }
    const remote = { ...survivor, side: 'remote' } as const
    const restore = makeMapping({ deletionConflict: 'Restore Records', direction, fields: [...fields] })
    expect(planDeletion(facts({ survivor: remote }), restore).action).toBe('report')
    expect(planDeletion(facts(), restore).action).toBe('restore')
  })

  it('has a restore that was begun completed, whatever is said now', () => {
    const plan = planDeletion(
      facts({ begun: new Set(['restore']) }),
      makeMapping({ deletionConflict: 'Ask' }),
    )
    expect(plan.action).toBe('restore')
  })
})

describe('a coupling with no record left', () => {
  it('goes; what our own unfinished page has deleted counts as deleted, and as recovered', () => {
    const mapping = makeMapping({})
    expect(planDeletion(facts({ survivor: null }), mapping)).toEqual({
      action: 'uncouple',
      kind: 'uncoupled',
      recovered: false,
    })
    const recovered = planDeletion(facts({ survivor: null, begun: new Set(['delete']) }), mapping)
    expect(recovered).toEqual({ action: 'uncouple', kind: 'deleted', recovered: true })
    expect(isActing(recovered)).toBe(false)
  })
})

describe('the mass-change brake', () => {
  const brake = { share: 0.2, records: 100 }
  it('holds more than a number, and more than a share from ten records on', () => {
    expect(holdsBrake(brake, { records: 100, coupled: 1_000_000 })).toBe(false)
    expect(holdsBrake(brake, { records: 101, coupled: 1_000_000 })).toBe(true)
    expect(holdsBrake(brake, { records: 10, coupled: 50 })).toBe(false)
    expect(holdsBrake(brake, { records: 11, coupled: 50 })).toBe(true)
    expect(holdsBrake(brake, { records: 3, coupled: 3 })).toBe(false)
  })
})

describe('an edit since the last agreement', () => {
  it('is a difference in a field the mapping knows, or a field without agreement', () => {
    const { local } = makeMapping({})
    expect(isEditedSince(local, record, record.values)).toBe(false)
    expect(isEditedSince(local, record, { ...record.values, name: 'text:other' })).toBe(true)
    expect(isEditedSince(local, record, {})).toBe(true)
    expect(isEditedSince(local, record, null)).toBe(true)
  })

  it('is none in a field that has no agreement yet because it only takes what comes from the other side', () => {
    const phone = { local: 'phone', remote: 'phone', direction: 'FromIntegrationTable' }
    const { local, remote } = makeMapping({ fields: [{ local: 'name', remote: 'name' }, phone] })
    const { phone: _never, ...agreed } = { ...record.values }
    expect(isEditedSince(local, record, agreed)).toBe(false)
    expect(isEditedSince(local, record, { ...agreed, phone: 'text:before' })).toBe(true)
    const partner = makeRecord('remote', { name: 'Adatum', phone: '1' })
    expect(isEditedSince(remote, partner, { name: 'text:Adatum' })).toBe(true)
  })
})
