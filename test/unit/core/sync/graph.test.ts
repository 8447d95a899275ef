import { describe, expect, it } from 'vitest'
import { applyGraph, planOrder } from '../../../../src/core/sync/graph.ts'
import type { Line, LineState } from '../../../../src/core/sync/run.ts'

function line(id: number, state: LineState, dependsOn: number[] = [], blockedBy: string[] = []): Line {
  return {
    id,
    runId: 1,
    pairId: 1,
    mappingId: id,
    mappingName: `M${id}`,
    mappingVersion: 1,
    position: id,
    selection: 'all',
    state,
    dependsOn,
    ignoredDependencies: [],
    generation: 1,
    error: null,
    blockedBy,
    startedAt: null,
    finishedAt: null,
  }
}

describe('applyGraph', () => {
  it('makes a line ready when its last dependency has finished', () => {
    const lines = [
      line(1, 'finished'),
      line(2, 'finished'),
      line(3, 'pending', [1, 2]),
      line(4, 'pending', [3]),
    ]
    expect(applyGraph(lines)).toEqual([{ id: 3, state: 'ready', blockedBy: [] }])
  })

  it('blocks direct and indirect dependents at once and names only the line that failed', () => {
    const lines = [
      line(1, 'failed'),
      line(2, 'pending', [1]),
      line(3, 'pending', [2]),
      line(4, 'running'),
      line(5, 'pending', [4]),
    ]
    expect(applyGraph(lines)).toEqual([
      { id: 2, state: 'blocked', blockedBy: ['M1'] },
      { id: 3, state: 'blocked', blockedBy: ['M1'] },
    ])
  })

  it('names every root, sorted, and adds one that fails later', () => {
    const before = [line(2, 'failed'), line(1, 'running'), line(3, 'blocked', [1, 2], ['M2'])]
    expect(applyGraph(before)).toEqual([])
    const after = [line(2, 'failed'), line(1, 'cancelled'), line(3, 'blocked', [1, 2], ['M2'])]
    expect(applyGraph(after)).toEqual([{ id: 3, state: 'blocked', blockedBy: ['M1', 'M2'] }])
  })

  it('releases blocked lines when the failed one is tried again', () => {
    const lines = [line(1, 'ready'), line(2, 'blocked', [1], ['M1']), line(3, 'blocked', [2], ['M1'])]
    expect(applyGraph(lines)).toEqual([
      { id: 2, state: 'pending', blockedBy: [] },
      { id: 3, state: 'pending', blockedBy: [] },
    ])
    expect(applyGraph([line(1, 'finished'), line(2, 'blocked', [1], ['M1'])])).toEqual([
      { id: 2, state: 'ready', blockedBy: [] },
    ])
  })

  it('leaves lines alone that have begun or ended', () => {
    expect(applyGraph([line(1, 'failed'), line(2, 'running', [1]), line(3, 'ready', [1])])).toEqual([])
  })
})

describe('planOrder', () => {
  const mapping = (name: string, position: number, ...dependsOn: string[]) => ({ name, position, dependsOn })

  it('takes position, then name, where dependencies leave a choice', () => {
    const plan = planOrder([
      mapping('B', 10),
      mapping('A', 10),
      mapping('FIRST', 5, 'LAST'),
      mapping('LAST', 90),
    ])
    expect(plan).toEqual({ order: ['A', 'B', 'LAST', 'FIRST'], cycles: [], ignored: new Map() })
  })

  it('ignores dependencies on mappings that are not there, and reports them', () => {
    const plan = planOrder([mapping('CUSTOMER', 40, 'PAYMENT TERMS', 'CURRENCY'), mapping('CURRENCY', 10)])
    expect(plan.order).toEqual(['CURRENCY', 'CUSTOMER'])
    expect(plan.ignored).toEqual(new Map([['CUSTOMER', ['PAYMENT TERMS']]]))
  })

  it('names the members of each cycle and leaves out what lies behind it', () => {
    const plan = planOrder([
      mapping('A', 1, 'B'),
      mapping('B', 2, 'A'),
      mapping('C', 3, 'A'),
      mapping('SELF', 4, 'SELF'),
      mapping('FREE', 5),
    ])
    expect(plan.order).toEqual(['FREE'])
    expect(plan.cycles).toEqual([['A', 'B'], ['SELF']])
  })
})
