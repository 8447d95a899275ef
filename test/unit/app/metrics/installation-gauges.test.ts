import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createInstallationGauges } from '../../../../src/app/metrics/installation-gauges.ts'
import type { KnownProcess } from '../../../../src/core/ports/process-store.ts'

const nothing = { ages: [], outcomes: [], issues: [], budgets: [], runs: [], processes: [] }

it('tells how many runs have not ended, and the age of the oldest, whether it waits or works', async () => {
  const register = new Registry()
  const gauges = createInstallationGauges(register)
  const runs = [
    { pair: 'a', isStarted: false, runs: 3, oldestSeconds: 5 },
    { pair: 'a', isStarted: true, runs: 1, oldestSeconds: 36_000 },
    { pair: 'b', isStarted: false, runs: 1, oldestSeconds: 7 },
  ]
  gauges.fill({ ...nothing, runs }, [])
  const text = await register.metrics()
  expect(text.split('\n').filter((line) => /^couplet_run/.test(line))).toEqual([
    'couplet_runs{pair="a",state="queued"} 3',
    'couplet_runs{pair="a",state="running"} 1',
    'couplet_runs{pair="b",state="queued"} 1',
    'couplet_run_oldest_seconds{pair="a"} 36000',
    'couplet_run_oldest_seconds{pair="b"} 7',
  ])
})

it('tells how many processes lead and take jobs, as 0 what nobody does, and nothing while the store is away', async () => {
  const register = new Registry()
  const gauges = createInstallationGauges(register)
  const told = async () =>
    (await register.metrics()).split('\n').filter((line) => line.startsWith('couplet_processes'))
  const leader = process({ isLeader: true, concurrency: { 'couplet-schedules': 5 } })
  const worker = process({ concurrency: { 'couplet-runs': 5, 'couplet-lines': 4 } })
  gauges.fill({ ...nothing, processes: [leader, worker, { ...worker, state: 'quiet' }] }, [])
  const lines = (leads: number, runs: number, work: number, slots: number) => [
    `couplet_processes{does="leads"} ${leads}`,
    `couplet_processes{does="couplet-runs"} ${runs}`,
    `couplet_processes{does="couplet-lines"} ${work}`,
    `couplet_processes{does="couplet-schedules"} ${slots}`,
  ]
  expect(await told()).toEqual(lines(1, 1, 1, 1))
  gauges.fill({ ...nothing, processes: [{ ...leader, seenMsAgo: 20_000 }] }, [])
  expect(await told()).toEqual(lines(0, 0, 0, 0))
  gauges.fill(null, [])
  expect(await told()).toEqual([])
})

const process = (more: Partial<KnownProcess>): KnownProcess => ({
  id: 'a-host/1/a',
  host: 'a-host',
  pid: 1,
  version: '1.2.3',
  roles: ['worker'],
  concurrency: {},
  state: 'working',
  isLeader: false,
  work: [],
  memoryMb: 90,
  delayMs: 12,
  startedAt: '2026-05-01T11:49:00Z',
  seenMsAgo: 1_000,
  clockAheadMs: 0,
  isToBeQuiet: false,
  ...more,
})
