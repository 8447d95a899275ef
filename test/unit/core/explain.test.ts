import { describe, expect, it } from 'vitest'
import { problem } from '../../../src/core/errors.ts'
import { type DirectionFacts, explain, type WhyFacts } from '../../../src/core/sync/explain.ts'
import type { Issue } from '../../../src/core/sync/issue.ts'
import { plainAgreement, type RecordPlan } from '../../../src/core/sync/plan.ts'

const agreement = plainAgreement
const partner = { key: 'text:A', version: '1', modifiedAt: null, values: {} }
const unchanged: RecordPlan = { action: 'unchanged', partner, agreement, isNews: false }
const modify: RecordPlan = {
  action: 'modify',
  partner,
  values: { city: 'text:Ribe' },
  agreement,
  couples: false,
}

const direction = (changes: Partial<DirectionFacts> = {}): DirectionFacts => ({
  direction: 'to',
  source: 'customer 10000',
  sourceExists: true,
  isInFilter: true,
  filter: null,
  plan: unchanged,
  issue: null,
  isRequested: false,
  isInDoubt: false,
  modifiedAt: '2024-05-01T10:00:00Z',
  watermark: '2024-05-01T12:00:00Z',
  ...changes,
})

const facts = (one: Partial<DirectionFacts>, changes: Partial<WhyFacts> = {}): WhyFacts => ({
  mapping: { name: 'CUSTOMER', isEnabled: true, isOnlyCoupled: true },
  isCoupled: true,
  directions: [direction(one)],
  line: null,
  schedule: { name: 'CUSTOMER', runs: 'every 30 minutes', because: null },
  holds: [],
  ...changes,
})

const issue = (kind: Issue['kind']): Issue => ({
  id: 1,
  pairId: 1,
  resolution: null,
  parkedBy: null,
  parkedReason: null,
  mappingId: 1,
  mappingName: 'CUSTOMER',
  direction: 'to',
  key: 'text:10000',
  partnerKey: null,
  kind,
  code: 'VALUE_TRUNCATED',
  errorKind: 'permanent',
  field: 'city',
  value: 'Llanfairpwllgwyngyll',
  message: 'city is too long',
  waitsFor: null,
  conflicts: [],
  createMissing: false,
  sourceVersion: null,
  partnerVersion: null,
  mappingVersion: 1,
  configuration: '',
  repeats: 2,
  jobId: 1,
  attempts: 2,
  firstAt: '2024-05-01T10:00:00Z',
  lastAt: '2024-05-01T11:00:00Z',
  nextAttemptAt: null,
})

const decidedBy = (given: WhyFacts) => {
  const { isInStep, decides } = explain(given)
  return isInStep ? 'in step' : `${decides?.check} ${decides?.verdict}`
}

describe('why a record is, or is not, in step', () => {
  it.each<[string, WhyFacts, string]>([
    ['nothing differs', facts({}), 'in step'],
    ['one side is not known at all', facts({ source: null }), 'in step'],
    [
      'the mapping is disabled',
      facts({ plan: modify }, { mapping: { name: 'X', isEnabled: false, isOnlyCoupled: true } }),
      'mapping blocks',
    ],
    ['the source has gone', facts({ sourceExists: false, plan: null }), 'record blocks'],
    ['outside of the filter', facts({ isInFilter: false, filter: `a = ''`, plan: modify }), 'filter blocks'],
    ['set aside', facts({ issue: issue('skipped'), plan: modify }), 'issue blocks'],
    ['failed', facts({ issue: issue('failed'), plan: modify }), 'issue blocks'],
    ['waits for another record', facts({ issue: issue('waiting') }), 'dependency blocks'],
    ['in conflict', facts({ issue: issue('conflict') }), 'conflict blocks'],
    ['only coupled', facts({ plan: { action: 'notCoupled' } }), 'coupling blocks'],
    [
      'would wait',
      facts({
        plan: {
          action: 'wait',
          problem: problem('REFERENCE_NOT_COUPLED', 'm'),
          awaits: { mapping: 'M', reference: 'text:x' },
        },
      }),
      'dependency blocks',
    ],
    [
      'would fail',
      facts({ plan: { action: 'fail', problem: problem('VALUE_TRUNCATED', 'm') } }),
      'comparison blocks',
    ],
    ['asked for', facts({ isRequested: true, plan: modify }), 'request pending'],
    ['an interrupted page', facts({ isInDoubt: true }), 'interrupted page pending'],
    ['to be carried over by the schedule', facts({ plan: modify }), 'comparison pending'],
    [
      'paused, whatever else is the case',
      facts({ plan: modify }, { holds: [{ check: 'pause', says: 'Everything is paused' }] }),
      'pause blocks',
    ],
    ['nobody comes', facts({ plan: modify }, { schedule: null }), 'schedule blocks'],
    [
      'the schedule is off',
      facts({ plan: modify }, { schedule: { name: 'S', runs: null, because: 'switched off' } }),
      'schedule blocks',
    ],
    [
      'the schedule is off and a run has it',
      facts(
        { plan: modify },
        { schedule: null, line: { runId: 7, state: 'pending', waitsFor: ['CURRENCY'] } },
      ),
      'comparison pending',
    ],
  ])('%s', (_name, given, expected) => {
    expect(decidedBy(given)).toBe(expected)
  })

  it('says what it has looked at in order, and what would change what decides', () => {
    const { decides, findings } = explain(facts({ plan: modify, issue: issue('skipped') }))
    expect(findings.map(({ check }) => check)).toEqual([
      'mapping',
      'record',
      'filter',
      'issue',
      'comparison',
      'watermark',
      'run',
      'schedule',
    ])
    expect(decides?.says).toContain('met 2 times: city is too long (VALUE_TRUNCATED)')
    expect(decides?.remedy).toContain('releases it')
    for (const finding of findings) expect(finding.remedy === null).toBe(finding.verdict !== 'blocks')
  })
})
