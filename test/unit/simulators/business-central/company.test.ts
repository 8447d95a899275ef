import { expect, it } from 'vitest'
import { seedSize } from '../../../../src/simulators/business-central/seed/size.ts'
import {
  createCompany,
  type RecordChange,
} from '../../../../src/simulators/business-central/store/company.ts'
import { manualTime } from '../../../support/manual-time.ts'

function openCompany() {
  const told: RecordChange[] = []
  const options = {
    id: 'c',
    name: 'C',
    seed: 1,
    size: seedSize(10),
    tag: 1,
    setup: { createsContacts: false },
  }
  return { company: createCompany(options, manualTime(), (change) => told.push(change)), told }
}

it('work inside of work is taken back alone when it fails, and nobody is told of it', () => {
  const { company, told } = openCompany()
  const create = (number: string) => company.insert('customer', { number, displayName: number })
  company.atomically(() => {
    create('KEPT')
    const fail = () => {
      create('LOST')
      throw new Error('refused')
    }
    expect(() => company.atomically(fail)).toThrow('refused')
    expect(told).toEqual([])
  })
  expect(company.findByKey('customer', ['kept'])?.row['displayName']).toBe('KEPT')
  expect(company.findByKey('customer', ['LOST'])).toBeNull()
  expect(told.map(({ changeType }) => changeType)).toEqual(['created'])
})

it('inserts, changes and deletions are taken back in their order', () => {
  const { company, told } = openCompany()
  const before = company.findByKey('customer', ['C00001'])
  const fail = () => {
    const record = company.findByKey('customer', ['C00001'])
    if (record === null) throw new Error('There is no such customer')
    const changed = company.update('customer', record, { displayName: 'Changed' })
    company.remove('customer', changed)
    company.insert('customer', { number: 'C00001', displayName: 'Another' })
    throw new Error('refused')
  }
  expect(() => company.atomically(fail)).toThrow('refused')
  expect(company.findByKey('customer', ['C00001'])).toEqual(before)
  expect(company.table('customer').count()).toBe(10)
  expect(told).toEqual([])
})
