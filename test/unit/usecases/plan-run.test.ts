import { describe, expect, it } from 'vitest'
import { runPriority } from '../../../src/core/jobs/priority.ts'
import type { StoredMapping } from '../../../src/core/ports/mapping-store.ts'
import { planRun, type RunRequest } from '../../../src/usecases/flow/plan-run.ts'
import { definition } from '../../support/store-fixtures.ts'

const stored = (id: number, name: string, changes: object = {}): StoredMapping => ({
  id,
  pairId: 1,
  version: 1,
  definition: definition(name, changes),
  localWatermark: null,
  remoteWatermark: null,
  localWatermarkRun: null,
  remoteWatermarkRun: null,
  selectionGeneration: 1,
  scannedGeneration: 1,
})

const matching = { fields: [{ local: 'name', remote: 'name', match: {} }] }
const mappings = [
  stored(1, 'A', matching),
  stored(2, 'B', { dependsOn: ['A'] }),
  stored(3, 'OFF', { enabled: false }),
]
const plan = (more: Partial<RunRequest>) =>
  planRun(
    {
      pairId: 1,
      kind: 'full',
      mapping: null,
      keepCreating: 'ask',
      requestedBy: 'test',
      reason: 'test',
      idempotencyKey: null,
      payloadHash: null,
      scheduleId: null,
      slot: null,
      ...more,
    },
    mappings,
  )

it('a disabled mapping is left out, and refused where it is named, except by a preview', () => {
  expect(plan({}).lines.map(({ mappingId }) => mappingId)).toEqual([1, 2])
  for (const kind of ['mapping', 'uncouple', 'deletions'] as const)
    expect(() => plan({ kind, mapping: 'OFF' })).toThrow(/OFF is disabled/)
  expect(plan({ kind: 'mapping', mapping: 'OFF', overrides: { dryRun: true } }).lines).toHaveLength(1)
})

describe('the choices of a full synchronization', () => {
  it('leave a mapping out, and whoever depends on it says so instead of waiting for ever', () => {
    const { lines } = plan({ choices: { A: 'leave out' } })
    expect(lines).toMatchObject([{ mappingId: 2, dependsOn: [], ignoredDependencies: ['A'] }])
  })

  it('only couple a mapping by its match fields; one without any is refused at once', () => {
    const { lines } = plan({ choices: { A: 'couple' } })
    expect(lines.map(({ jobType }) => jobType)).toEqual(['coupling', 'synchronization'])
    expect(() => plan({ choices: { B: 'couple' } })).toThrow(/No enabled field mapping of B has `match`/)
  })

  it('name an initial direction by mapping', () => {
    const overrides = { initialDirection: { A: 'merge', B: 'remote is master' } } as const
    expect(plan({ overrides }).options.initialDirection).toEqual(overrides.initialDirection)
  })

  it('hold in the run only: what is not said has its plain value', () => {
    expect(plan({}).options).toEqual({
      createMissing: true,
      keepCreating: 'ask',
      dryRun: false,
      initialDirection: {},
      includeSkipped: false,
      recordsGo: 'merge',
      onlyAsked: false,
      answers: null,
    })
  })

  it.each([
    { choices: { C: 'couple' } },
    { choices: { OFF: 'full' } },
    { overrides: { initialDirection: { C: 'merge' } } },
  ] as const)('are refused for a mapping that would not run: %j', (more) => {
    expect(() => plan(more)).toThrow(/There is no enabled mapping (C|OFF)/)
  })

  it('cannot leave everything out', () => {
    expect(() => plan({ choices: { A: 'leave out', B: 'leave out' } })).toThrow(/no enabled mapping to run/)
  })
})

it('a run has the priority that is wished for its kind of work', () => {
  const modified = { kind: 'modified', keepCreating: 'no' } as const
  expect(plan({}).priority).toBe(runPriority('full'))
  expect(plan({ priority: 'high' }).priority).toBe(runPriority('full', 'high'))
  expect(plan({ ...modified, priority: 'low' }).priority).toBe(runPriority('interactive', 'low'))
  expect(plan({ ...modified, scheduleId: 1, slot: 'now' }).priority).toBe(runPriority('scheduled'))
  expect(plan({ ...modified, work: 'scheduled' }).priority).toBe(runPriority('scheduled'))
})
