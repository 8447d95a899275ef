import { expect, it } from 'vitest'
import type { BulkOperation } from '../../../src/core/bulk/operation.ts'
import { type ErrorCode, SyncError } from '../../../src/core/errors.ts'
import { createDecider } from '../../../src/usecases/bulk/decide-chunk.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { definition } from '../../support/store-fixtures.ts'

const operation = {
  id: 1,
  task: { kind: 'synchronize' },
  selection: { of: 'couplings', filter: { pairId: 1, mapping: 'GOOD' } },
  requestedBy: 'anna',
  reason: null,
} as BulkOperation

/** Couplings of two mappings, one of which cannot be read. */
function decide(code: ErrorCode) {
  const getMappingById = async (id: number) => {
    if (id === 2) throw new SyncError(code, 'It cannot be read')
    return { id, definition: definition('GOOD') }
  }
  const deps = { stores: { mappings: { getMappingById } } } as unknown as Pick<Deps, 'stores' | 'connect'>
  const records = [1, 2].map((mappingId, index) => ({
    position: index + 1,
    subjectId: index + 1,
    mappingId,
    seen: null,
    issue: null,
    coupling: { local: { key: 'text:L' }, remote: { key: 'text:R' } },
  }))
  return createDecider(operation, deps)(records)
}

it('what one record cannot get over is its refusal, and no matter of the others', async () => {
  for (const code of ['MAPPING_UNKNOWN', 'DELETE_FAILED', 'CONFLICT_BOTH_CHANGED'] as const)
    expect(await decide(code)).toMatchObject([
      { verdict: 'apply' },
      { verdict: 'refuse', why: { code, message: 'It cannot be read' } },
    ])
})

it('what passes by itself is waited for by all', async () => {
  await expect(decide('CONNECTION_REFUSED')).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
})

it('what would need a run is refused for a disabled mapping; issues are set aside all the same', async () => {
  const stored = { id: 1, definition: definition('OFF', { enabled: false }) }
  const deps = { stores: { mappings: { getMappingById: async () => stored } } } as unknown as Pick<
    Deps,
    'stores' | 'connect'
  >
  const seen = { code: 'VALUE_REFUSED', field: null, attempts: 1 }
  const verdictOf = async (kind: 'retry' | 'skip' | 'uncouple') => {
    const of = kind === 'uncouple' ? 'couplings' : 'issues'
    const asked = { ...operation, task: { kind }, selection: { of, filter: {} } } as BulkOperation
    const record = {
      position: 1,
      subjectId: 1,
      mappingId: 1,
      seen,
      issue: { ...seen, mappingId: 1, kind: 'failed', partnerKey: null },
      coupling: { local: { key: 'text:L' }, remote: { key: 'text:R' } },
    }
    const [decision] = await createDecider(asked, deps)([record as never])
    return decision?.verdict === 'refuse' ? decision.why.code : decision?.verdict
  }
  expect([await verdictOf('retry'), await verdictOf('uncouple'), await verdictOf('skip')]).toEqual([
    'MAPPING_DISABLED',
    'MAPPING_DISABLED',
    'apply',
  ])
})
