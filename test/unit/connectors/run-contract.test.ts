import { describe, expect, it } from 'vitest'
import { type ContractResult, runContract } from '../../../src/connectors/contract/run-contract.ts'
import type { ContractSubject } from '../../../src/connectors/contract/suite.ts'
import { setUpMemory } from '../../contract/connector/memory-harness.ts'

const memory: ContractSubject = { name: 'memory', setUp: () => setUpMemory() }

async function run(subject: ContractSubject, only = '', limitMs = 60_000) {
  const told: ContractResult[] = []
  const results = await runContract(subject, { only, limitMs, onResult: (result) => told.push(result) })
  expect(told).toEqual(results)
  return results
}

describe('the contract outside of vitest', () => {
  it('passes for a connector that keeps it', async () => {
    const results = await run(memory)
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([])
    expect(results.length).toBeGreaterThan(90)
  })

  it('names the tests that fail, with what was found', async () => {
    const forgetful = async () => {
      const system = await setUpMemory()
      return { ...system, edit: async () => {} }
    }
    const results = await run({ ...memory, setUp: forgetful }, 'the version changes with every change')
    expect(results).toMatchObject([
      { part: 'reading', result: 'failed', reason: expect.stringContaining('expected') },
    ])
  })

  it('shows what the system cannot do as skipped, with the reason', async () => {
    const results = await run({ ...memory, lacks: { deleting: 'nothing may be deleted' } }, 'deleting')
    expect(new Set(results.map(({ result, reason }) => `${result}: ${reason}`))).toEqual(
      new Set(['skipped: nothing may be deleted']),
    )
  })

  it('ends at a test that does not end, and closes the system', async () => {
    let isClosed = false
    const stuck = async () => {
      const system = await setUpMemory()
      const insert = () => new Promise<void>(() => {})
      const close = async () => {
        isClosed = true
      }
      return { ...system, insert, close }
    }
    const results = await run({ ...memory, setUp: stuck }, '', 20)
    expect(results.at(-1)).toMatchObject({ result: 'failed', reason: expect.stringContaining('longer than') })
    expect(results.length).toBeLessThan(10)
    expect(isClosed).toBe(true)
  })
})
