import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createInstallationGauges } from '../../../../src/app/metrics/installation-gauges.ts'

it('tells how many runs have not ended, and the age of the oldest, whether it waits or works', async () => {
  const register = new Registry()
  const gauges = createInstallationGauges(register)
  const nothing = { ages: [], outcomes: [], issues: [], budgets: [] }
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
