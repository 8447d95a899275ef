import { afterEach, beforeEach, expect, it } from 'vitest'
import { saveAlertChannel } from '../../src/usecases/alerts/change-alerts.ts'
import { startHook } from '../support/alert-receivers.ts'
import { type Child, startChild } from '../support/child.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let hook: Awaited<ReturnType<typeof startHook>>
const children: Child[] = []

beforeEach(async () => {
  hook = await startHook()
  couplet = await createInstallation({
    systemsSql: twoTablesSql,
    env: {
      COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8',
      COUPLET_LOG_LEVEL: 'warn',
      COUPLET_ALERT_SECONDS: '1',
      COUPLET_PORT: '0',
      NOBODY_URL: `${hook.url}/hook`,
    },
  })
  const channel = { name: 'program', kind: 'webhook', target: 'env:NOBODY_URL' } as const
  await saveAlertChannel(channel, { by: 'test', reason: null }, couplet.context.care)
})
afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL')
  await Promise.all(children.splice(0).map((child) => child.ended()))
  await couplet.close()
  await hook.close()
})

const processes = () => couplet.context.care.processes.listProcesses()

async function start(role: 'api' | 'scheduler' | 'sync'): Promise<Child> {
  const child = startChild(`workers/${role}.ts`, { env: couplet.env })
  children.push(child)
  await waitFor(`${role} ${child.pid}`, async () => {
    const own = (await processes()).find(({ pid }) => pid === child.pid)
    return own !== undefined && (role !== 'scheduler' || own.isLeader)
  })
  return child
}

it('that the only scheduler was killed is told once by those who are left, and once that another one leads', async () => {
  await couplet.store.query(`UPDATE couplet.alert_rule SET window_minutes = 0 WHERE name = 'nobody-leads'`)
  const scheduler = await start('scheduler')
  await Promise.all([start('api'), start('sync'), start('sync')])
  scheduler.process.kill('SIGKILL')
  await scheduler.ended()
  await waitFor('the news', () => hook.posts.length > 0, 60_000)
  await start('scheduler')
  await waitFor('the end', () => hook.posts.some(({ body }) => body.event === 'recovered'), 60_000)
  const told = hook.posts.map(({ body }) => [body.event, body.text.replace(/since .*/, '')])
  // One that was held up between looking and noting may say once more that none leads, and the scheduler that it is over.
  const fired = ['fired', 'schedulers: none leads (critical, rule nobody-leads, ']
  const recovered = ['recovered', 'schedulers: nobody-leads is over (it spoke ']
  expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? fired : recovered)))
})
