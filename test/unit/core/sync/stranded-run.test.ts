import { describe, expect, it } from 'vitest'
import type { QueueView } from '../../../../src/core/ports/run-store.ts'
import { isStranded, type LookAtParent } from '../../../../src/core/sync/stranded-run.ts'
import { makeLine, makeRun } from '../../../contract/queue/fixtures.ts'

const run = makeRun(1)
const ended = (id: number, generation = 1) => makeLine(run, id, { state: 'finished', generation })
const view = (lines: QueueView['lines'], generation = 1): QueueView => ({
  run: { ...run, generation },
  lines,
})
const look = (changes: Partial<LookAtParent> = {}): LookAtParent => ({
  before: view([ended(1), ended(2)]),
  jobs: ['missing', 'dead'],
  isParked: true,
  after: view([ended(2), ended(1)]),
  ...changes,
})

describe('a parent that waits for its lines', () => {
  it('is stranded when all have ended and none has a job that will wake it', () => {
    expect(isStranded(look())).toBe(true)
    const failed = view([makeLine(run, 1, { state: 'failed' }), makeLine(run, 2, { state: 'cancelled' })])
    expect(isStranded(look({ before: failed, after: failed }))).toBe(true)
  })

  it.each<[string, Partial<LookAtParent>]>([
    ['a line has ended in the store while its job still ends', { jobs: ['missing', 'live'] }],
    ['the last job has woken the parent a moment later', { isParked: false }],
    ['a line waits for another one', { before: view([ended(1), makeLine(run, 2, { state: 'pending' })]) }],
    ['the parent ran meanwhile and added a line', { after: view([ended(1), ended(2), ended(3)]) }],
    ['a line is tried again meanwhile', { after: view([ended(1), makeLine(run, 2)]) }],
    ['a line has been tried again meanwhile', { after: view([ended(1), ended(2, 2)]) }],
    ['somebody enqueued the run anew meanwhile', { after: view([ended(1), ended(2)], 2) }],
  ])('is not when %s', (_, changes) => {
    expect(isStranded(look(changes))).toBe(false)
  })
})
