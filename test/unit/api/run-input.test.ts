import { expect, it } from 'vitest'
import { NewRunBody } from '../../../src/api/contract/run-requests.ts'
import { hashRequest } from '../../../src/api/run-input.ts'

const hash = (body: object, pairId = 1) => hashRequest(pairId, NewRunBody.parse(body))

it('two requests are the same when they ask for the same, however they are written', () => {
  const records = { kind: 'records', mapping: 'ITEM', keys: ['1', '2'] }
  expect(hash({ keys: ['1', '2'], mapping: 'ITEM', kind: 'records', createMissing: false })).toBe(
    hash(records),
  )
  expect(hash({ ...records, pair: 'the only one' })).toBe(hash(records))
  expect(hash({ ...records, priority: 'normal' })).toBe(hash(records))
})

it('two requests differ when anything they ask for differs', () => {
  const records = { kind: 'records', mapping: 'ITEM', keys: ['1', '2'] }
  const others = [
    { ...records, keys: ['2', '1'] },
    { ...records, keys: ['1,2'] },
    { ...records, mapping: 'ITEM2' },
    { ...records, createMissing: true },
    { ...records, reason: 'another one' },
    { ...records, priority: 'high' },
    { kind: 'mapping', mapping: 'ITEM' },
    { kind: 'modified' },
    { kind: 'full' },
    { kind: 'full', keepCreating: 'yes' },
  ]
  const hashes = [records, ...others].map((body) => hash(body))
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(hash(records, 2)).not.toBe(hash(records, 1))
})
