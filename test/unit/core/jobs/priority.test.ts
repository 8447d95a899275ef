import { describe, expect, it } from 'vitest'
import {
  isAwaited,
  runPriority,
  type WorkClass,
  wishedPriorities,
} from '../../../../src/core/jobs/priority.ts'

const classes: readonly WorkClass[] = ['records', 'interactive', 'scheduled', 'full']

describe('the priority of a run', () => {
  it('puts single records before everything else, whatever is wished', () => {
    const last = Math.max(...wishedPriorities.map((wished) => runPriority('records', wished)))
    for (const work of classes.slice(1))
      for (const wished of wishedPriorities) expect(runPriority(work, wished)).toBeGreaterThan(last)
  })

  it('follows the wish in every class: what is high goes before what is normal, that before what is low', () => {
    for (const work of classes) {
      const [low, normal, high] = wishedPriorities.map((wished) => runPriority(work, wished))
      expect(high).toBeLessThan(normal ?? 0)
      expect(normal).toBeLessThan(low ?? 0)
    }
  })

  it('is normal where nothing is wished: people before schedules before full synchronizations', () => {
    const plain = classes.map((work) => runPriority(work))
    expect(plain).toEqual(classes.map((work) => runPriority(work, 'normal')))
    expect(plain.toSorted((a, b) => a - b)).toEqual(plain)
  })

  it('says whether somebody waits: for records and what people ask for, for a schedule only when it is high', () => {
    expect(classes.map((work) => isAwaited(runPriority(work)))).toEqual([true, true, false, false])
    expect(isAwaited(runPriority('scheduled', 'high'))).toBe(true)
    expect(isAwaited(runPriority('interactive', 'low'))).toBe(false)
  })
})
