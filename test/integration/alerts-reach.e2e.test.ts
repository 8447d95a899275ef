import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standInOnce, watchOnce } from '../../src/app/alerts/alerts-part.ts'
import { readMetric } from '../../src/app/alerts/read-metric.ts'
import { LEADERSHIP } from '../../src/app/leader-part.ts'
import { createMetricsPage } from '../../src/app/metrics/metrics.ts'
import type { AlertMetric } from '../../src/core/alerts/rule.ts'
import type { Fence } from '../../src/core/ports/lease-store.ts'
import type { ProcessReport } from '../../src/core/ports/process-store.ts'
import { saveAlertChannel } from '../../src/usecases/alerts/change-alerts.ts'
import { makePostgresServer, makeRedisServer, type QueueServer } from '../contract/queue/harness.ts'
import { startHook } from '../support/alert-receivers.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { twoTablesSql } from '../support/two-tables.ts'
import { type Network, startProxy } from './queue-proxy.ts'

const makers = { postgres: makePostgresServer, redis: makeRedisServer }
const worker: ProcessReport = {
  id: 'a-host/1/a',
  host: 'a-host',
  pid: 1,
  version: '1.2.3',
  roles: ['worker', 'scheduler'],
  concurrency: { 'couplet-runs': 5, 'couplet-lines': 4, 'couplet-schedules': 5 },
  state: 'working',
  isLeader: true,
  work: [],
  memoryMb: 90,
  delayMs: 12,
  now: new Date().toISOString(),
}

describe.each(queueKinds)('what is out of reach is told to people (%s queue)', (kind) => {
  let server: QueueServer
  let network: Network
  let hook: Awaited<ReturnType<typeof startHook>>
  let couplet: Installation
  let leader: Fence
  const care = () => couplet.context.care
  const lead = async () => {
    const wish = { resources: [LEADERSHIP], holder: 'a-host/1', ttlMs: 600_000 }
    const led = await couplet.context.deps.stores.leases.acquire(wish)
    return led.acquired ? led.fence : expect.fail('Somebody leads')
  }
  const signOfLife = (state: ProcessReport['state'] = 'working') =>
    care().processes.report({ ...worker, state })
  const read = async (metric: AlertMetric) =>
    (await readMetric(couplet.context, metric, 0)).map(({ subject, value }) => `${subject}: ${value}`)
  const told = () =>
    hook.posts
      .splice(0)
      .map(({ body }) => body as { event: string; alerts: { rule: string; subject: string }[] })
      .map(({ event, alerts }) => [event, ...alerts.map(({ rule, subject }) => `${rule}: ${subject}`)])
  /** Looks twice, with a quarter of an hour in between that is over at once. */
  const watchForLong = async () => {
    await watchOnce(couplet.context)
    await couplet.store.query(`UPDATE couplet.alert SET since = now() - interval '15 minutes'`)
    await watchOnce(couplet.context)
  }

  beforeEach(async () => {
    server = await makers[kind]()
    network = await startProxy(server.url)
    hook = await startHook()
    process.env['REACH_URL'] = `${hook.url}/hook`
    couplet = await createInstallation({
      systemsSql: twoTablesSql,
      env: { QUEUE_URL: network.url, COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8' },
    })
    const channel = { name: 'program', kind: 'webhook', target: 'env:REACH_URL' } as const
    await saveAlertChannel(channel, { by: 'test', reason: null }, care())
    await signOfLife()
    leader = await lead()
  })
  afterEach(async () => {
    await couplet.close()
    await Promise.all([network.close(), hook.close()])
    await server.drop()
  })

  it('the queue, after a while and by a rule that is there from the beginning; other rules are looked at meanwhile', async () => {
    await watchForLong()
    expect(told()).toEqual([])
    await network.cut()
    await watchOnce(couplet.context)
    expect(told()).toEqual([])
    await signOfLife('quiet')
    await watchForLong()
    expect(told()).toEqual([
      [
        'fired',
        'nobody-works: queue couplet-lines',
        'nobody-works: queue couplet-runs',
        'nobody-works: queue couplet-schedules',
        'queue-away: queue server',
      ],
    ])
    await network.mend()
    await waitFor('the queue answers', () =>
      couplet.context.deps.queue.check().then(
        () => true,
        () => false,
      ),
    )
    await signOfLife()
    await watchOnce(couplet.context)
    expect(told().map(([event, ...alerts]) => [event, alerts.length])).toEqual([['recovered', 4]])
  })

  it('a queue that is frozen is out of reach as well, and nothing waits for it', async () => {
    network.freeze()
    const page = createMetricsPage(couplet.context, { installation: true })
    const [unreachable, waiting, metrics] = await Promise.allSettled([
      read('queue-unreachable'),
      read('queue-wait'),
      page.text(),
    ])
    expect(unreachable).toMatchObject({ value: ['queue server: 1'] })
    expect(waiting).toMatchObject({ status: 'rejected' })
    expect(metrics).toMatchObject({
      value: expect.stringMatching(/couplet_up\{part="queue"\} 0[\s\S]*couplet_processes\{does="leads"\} 1/),
    })
    await network.cut()
  })

  it('a connection whose system does not answer, for as long as the breaker is open', async () => {
    const { control, mappings } = couplet.context.deps.stores
    const [connection] = await mappings.listConnections()
    const id = connection?.id ?? 0
    expect(await read('connection-down')).toEqual([])
    const failure = { code: 'CONNECTION_REFUSED', message: 'refused', kind: 'transient' } as const
    await control.turnBreaker(id, { event: 'failed', failure, random: 0 })
    expect(await read('connection-down')).toEqual([`connection ${connection?.name}: 0`])
    await couplet.store.query(
      `UPDATE couplet.breaker SET state = jsonb_set(state::jsonb, '{since}', to_jsonb((state ->> 'since')::float8 - 960000))::json`,
    )
    await watchOnce(couplet.context)
    expect(told()).toEqual([['fired', `system-away: connection ${connection?.name}`]])
    await control.turnBreaker(id, { event: 'succeeded' })
    await watchOnce(couplet.context)
    expect(told()).toEqual([['recovered', `system-away: connection ${connection?.name}`]])
  })

  it('no scheduler leads: by processes that are none, of which one looks at a time, and only meanwhile', async () => {
    await couplet.store.query(`UPDATE couplet.alert_rule SET window_minutes = 0 WHERE name = 'nobody-leads'`)
    const standIn = () => Promise.all([standInOnce(couplet.context), standInOnce(couplet.context)])
    const looks = async () =>
      (await couplet.store.query(`SELECT FROM couplet.lease WHERE resource = 'alerts/stand-in'`)).rowCount
    await standIn()
    expect([await read('no-leader'), await looks()]).toEqual([['schedulers: 0'], 0])
    await couplet.context.deps.stores.leases.release(leader)
    await standIn()
    await standIn()
    expect(told()).toEqual([['fired', 'nobody-leads: schedulers']])
    expect([await read('no-leader'), await looks()]).toEqual([['schedulers: 1'], 1])
    await lead()
    await watchOnce(couplet.context)
    expect(told()).toEqual([['recovered', 'nobody-leads: schedulers']])
  })

  it('a queue that nobody works on: the worker is silent, or has left in order', async () => {
    expect(await read('no-worker')).toContain('queue couplet-lines: 0')
    await couplet.store.query(`UPDATE couplet.process SET seen_at = now() - interval '1 minute'`)
    expect(await read('no-worker')).toContain('queue couplet-lines: 1')
    await signOfLife()
    expect(await read('no-worker')).toContain('queue couplet-lines: 0')
    await care().processes.forget(worker.id)
    expect(await read('no-worker')).toContain('queue couplet-lines: 1')
  })
})
