import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProcessReport, ProcessStore } from '../../src/core/ports/process-store.ts'
import { createCare } from '../../src/store/care.ts'
import { quietProcesses } from '../../src/usecases/processes/quiet-processes.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { unique } from '../support/store-fixtures.ts'

let opened: TestStore
let processes: ProcessStore
beforeAll(async () => {
  opened = await openTestStore()
  processes = createCare(opened.pool).processes
})
afterAll(() => opened.close())

const report = (more: Partial<ProcessReport> = {}): ProcessReport => ({
  id: unique('process'),
  host: 'a-host',
  pid: 12,
  version: '1.2.3',
  roles: ['worker', 'scheduler'],
  concurrency: { 'couplet-lines': 4 },
  state: 'working',
  isLeader: false,
  work: [{ kind: 'sync-line', runId: 5, operationId: null, lineId: 7, since: '2024-05-01T10:20:30.000Z' }],
  memoryMb: 90,
  delayMs: 12,
  now: new Date().toISOString(),
  ...more,
})
const find = async (id: string) => {
  const all = await processes.listProcesses()
  return all.find((each) => each.id === id)
}

describe('processes', () => {
  it('are known from the first sign of life on, with what the last one said, until they leave', async () => {
    const first = report()
    expect(await processes.report(first)).toEqual({ isToBeQuiet: false })
    const known = await find(first.id)
    const { now: _, ...said } = first
    expect(known).toMatchObject({ ...said, isToBeQuiet: false })
    expect(known?.seenMsAgo).toBeLessThan(60_000)
    const second = { ...said, state: 'stopping', isLeader: true, work: [] } as const
    await processes.report({ ...first, ...second })
    expect(await find(first.id)).toMatchObject({ ...second, startedAt: known?.startedAt })
    await processes.forget(first.id)
    expect(await find(first.id)).toBeUndefined()
  })

  it('show how far their clocks are from that of the store, however far', async () => {
    const at = (ms: number) => report({ now: new Date(Date.now() + ms).toISOString() })
    const [ahead, behind, lost] = [at(3_600_000), at(-60_000), report({ now: '1970-01-01T00:00:00.000Z' })]
    for (const each of [ahead, behind, lost]) await processes.report(each)
    expect(Math.round(((await find(ahead.id))?.clockAheadMs ?? 0) / 60_000)).toBe(60)
    expect(Math.round(((await find(behind.id))?.clockAheadMs ?? 0) / 60_000)).toBe(-1)
    expect((await find(lost.id))?.clockAheadMs).toBeLessThan(-1_000_000_000)
  })

  it('hear with their next sign of life that they are to be quiet, and that they may go on', async () => {
    const [one, other] = [report(), report()]
    for (const each of [one, other]) await processes.report(each)
    const audit = { by: 'somebody', reason: 'deployment' }
    expect(await processes.setQuiet([one.id, 'nobody'], true, audit)).toEqual([one.id])
    expect(await processes.report(one)).toEqual({ isToBeQuiet: true })
    expect(await processes.report(other)).toEqual({ isToBeQuiet: false })
    await processes.setQuiet([one.id], false, audit)
    expect(await processes.report(one)).toEqual({ isToBeQuiet: false })
    const { rows } = await opened.pool.query(
      `SELECT actor, action, reason FROM couplet.audit_log WHERE subject = 'process ' || $1 ORDER BY id`,
      [one.id],
    )
    expect(rows).toEqual([
      { actor: 'somebody', action: 'process.quiet', reason: 'deployment' },
      { actor: 'somebody', action: 'process.resume', reason: 'deployment' },
    ])
  })

  it('are meant by host, by host and number, or all that take work at once; a name nobody has is refused', async () => {
    const ids = ['h1/1/a', 'h1/2/b', 'h10/1/c'] as const
    for (const id of ids) await processes.report(report({ id }))
    await processes.report(report({ id: 'h1/3/d', roles: ['api'] }))
    const quiet = (which: string | null) =>
      quietProcesses({ which, isToBeQuiet: true, by: 'somebody', reason: null }, processes)
    expect(await quiet('h1/2')).toEqual(['h1/2/b'])
    expect(await quiet('h1')).toEqual(['h1/1/a', 'h1/2/b', 'h1/3/d'])
    expect(await quiet(null)).toEqual(expect.arrayContaining(['h1/1/a', 'h1/2/b', 'h10/1/c']))
    expect(await quiet(null)).not.toContain('h1/3/d')
    await expect(quiet('h2')).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' })
  })
})
