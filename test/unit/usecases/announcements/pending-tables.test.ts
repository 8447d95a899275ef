import { describe, expect, it } from 'vitest'
import { PendingTables } from '../../../../src/usecases/announcements/pending-tables.ts'

const never = new AbortController().signal

describe('tables that were told of', () => {
  it('are taken together and once, however often they were told of', async () => {
    const pending = new PendingTables()
    for (const table of ['a', 'b', 'a', 'a']) pending.add(table)
    expect(await pending.take(never)).toEqual(new Set(['a', 'b']))
    const next = pending.take(never)
    pending.add('c')
    expect(await next).toEqual(new Set(['c']))
  })

  it('are all of them when the line begins, and come back when they could not be looked at', async () => {
    const pending = new PendingTables()
    pending.add('a')
    pending.add(null)
    const taken = await pending.take(never)
    expect(taken).toBe('everything')
    pending.putBack('everything')
    expect(await pending.take(never)).toBe('everything')
    pending.putBack(new Set(['b']))
    expect(await pending.take(never)).toEqual(new Set(['b']))
  })

  it('are not waited for once it is over', async () => {
    const stop = new AbortController()
    const pending = new PendingTables()
    const taken = pending.take(stop.signal)
    stop.abort()
    expect(await taken).toBeNull()
    expect(await pending.take(stop.signal)).toBeNull()
  })
})
