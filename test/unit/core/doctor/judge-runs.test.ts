import { describe, expect, it } from 'vitest'
import { judgeRuns, type RunInQueue } from '../../../../src/core/doctor/judge-runs.ts'

const line = (mappingName: string, job: 'live' | 'dead' | 'missing' = 'live') => ({ mappingName, job })
const run = (runId: number, changes: Partial<RunInQueue> = {}): RunInQueue => ({
  runId,
  job: 'live',
  isNew: false,
  isStranded: false,
  isOfRecovery: false,
  lines: [line('CUSTOMER'), line('ITEM')],
  ...changes,
})

describe('an examination of the runs in the queue', () => {
  it('finds nothing wrong where each has its jobs, or is about to get them', () => {
    const isNew = run(3, { job: 'missing', isNew: true, lines: [line('CUSTOMER', 'missing')] })
    expect(judgeRuns([run(1), run(2, { lines: [] }), isNew]).state).toBe('good')
  })

  it.each(['dead', 'missing'] as const)(
    'names one of whose lines a job is %s, beside others that live',
    (job) => {
      const found = judgeRuns([run(1), run(2, { lines: [line('CUSTOMER'), line('ITEM', job)] }), run(3)])
      expect(found).toMatchObject({ state: 'warning', remedy: expect.stringContaining('scheduler') })
      expect(found.detail).toBe('the queue has lost jobs of run 2, ITEM')
    },
  )

  it('names one that waits for lines that have ended', () => {
    const found = judgeRuns([run(1), run(2, { isStranded: true, lines: [] })])
    expect(found).toMatchObject({ state: 'warning', remedy: expect.stringContaining('scheduler') })
    expect(found.detail).toBe('the queue has lost jobs of run 2, which waits for lines that have ended')
  })

  it('takes that of a recovery for what it is, and not for lost', () => {
    const own = run(7, { job: 'missing', isOfRecovery: true })
    expect(judgeRuns([run(1), own])).toMatchObject({
      state: 'warning',
      detail: 'run 7 is of a recovery that is at work or was interrupted',
      remedy: expect.stringContaining('`couplet recover` again'),
    })
    expect(judgeRuns([run(3, { job: 'missing' }), own]).detail).toBe(
      'the queue has lost jobs of run 3, all of it',
    )
  })

  it('names one that is gone as a whole, and no more than can be read', () => {
    const gone = Array.from({ length: 12 }, (_, index) => run(index + 1, { job: 'missing' }))
    const { detail } = judgeRuns(gone)
    expect(detail).toContain('lost jobs of run 1, all of it; run 2, all of it;')
    expect(detail).toMatch(/run 10, all of it; and 2 more$/)
  })
})
