import { describe, expect, it } from 'vitest'
import { type CouplingEnd, planCoupling } from '../../../../src/core/coupling/plan-coupling.ts'
import { nextGeneration } from '../../../../src/core/coupling/uncoupling.ts'
import { makeCoupling, makeMapping, makeRecord } from '../../../support/factories.ts'

const mapping = makeMapping({
  remote: { table: 'account', keyFields: ['accountid'], filter: "city <> 'Nowhere'" },
})
const local = makeRecord('local', { name: 'A', city: 'Ribe', phone: '' })
const remote = makeRecord('remote', { name: 'B', city: 'Ribe', phone: '' })
const { coupling } = makeCoupling(mapping, local, remote)

const ends = (changes: { local?: Partial<CouplingEnd>; remote?: Partial<CouplingEnd> } = {}) => {
  const end = (side: 'local' | 'remote', record: typeof local): CouplingEnd => ({
    key: record.key,
    record,
    coupling: null,
    hasPartner: false,
    takenBy: null,
    ...changes[side],
  })
  return { local: end('local', local), remote: end('remote', remote) }
}
const another = { ...coupling, id: 2 }

describe('planCoupling', () => {
  it('couples two records that nobody else has', () => {
    expect(planCoupling(mapping, ends())).toEqual({ action: 'couple', local, remote, stale: [] })
  })

  it('has nothing to do for two that are coupled with each other', () => {
    const both = { coupling, hasPartner: true }
    expect(planCoupling(mapping, ends({ local: both, remote: both }))).toEqual({ action: 'unchanged' })
  })

  it('drops couplings whose other record is gone, on either side', () => {
    const gone = ends({
      local: { coupling, hasPartner: false },
      remote: { coupling: another, hasPartner: false },
    })
    expect(planCoupling(mapping, gone)).toMatchObject({ action: 'couple', stale: [coupling, another] })
  })

  it.each([
    ['a local record that has a partner', { local: { coupling, hasPartner: true } }, 'ALREADY_COUPLED'],
    ['a remote record that has a partner', { remote: { coupling, hasPartner: true } }, 'ALREADY_COUPLED'],
    ['a record of another mapping', { remote: { takenBy: 'ITEM' } }, 'ALREADY_COUPLED'],
    ['a local record that is gone', { local: { record: null } }, 'RECORD_NOT_FOUND'],
    ['a remote record that is gone', { remote: { record: null } }, 'RECORD_NOT_FOUND'],
    [
      'a record outside the filter',
      { remote: { record: makeRecord('remote', { city: 'Nowhere' }) } },
      'RECORD_NOT_IN_FILTER',
    ],
  ] as const)('refuses %s', (_what, changes, code) => {
    expect(planCoupling(mapping, ends(changes))).toMatchObject({ action: 'fail', problem: { code } })
  })
})

describe('nextGeneration', () => {
  it('is above all that the record has had', () => {
    expect(nextGeneration([])).toBe(0)
    expect(nextGeneration([{ generation: 0 }, { generation: 4 }, { generation: 2 }])).toBe(5)
  })
})
