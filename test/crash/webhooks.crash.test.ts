import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it, onTestFailed } from 'vitest'
import { webhookTools } from '../../src/app/webhooks/webhook-tools.ts'
import type { WantedEvent } from '../../src/core/webhooks/event.ts'
import { saveWebhook } from '../../src/usecases/webhooks/change-webhooks.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { openWorkers, type Workers } from '../support/crash-workers.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'
import { isSignedWith, type Receiver, startReceiver, take } from '../support/webhook-receiver.ts'

let receiver: Receiver
let couplet: Installation
let workers: Workers

beforeEach(async () => {
  receiver = await startReceiver()
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(50)};
      UPDATE nav.customer SET name = 'rude' WHERE no LIKE '%0';
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%')`,
    env: {
      ...quickEnv,
      COUPLET_LOG_LEVEL: 'warn',
      COUPLET_SECRET_KEY: `test:${randomBytes(32).toString('base64')}`,
    },
  })
  workers = openWorkers(couplet.env)
  onTestFailed(() => workers.print())
  await couplet.import(customerMapping)
})
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
  await receiver.close()
})

async function givenWebhook(...events: readonly WantedEvent[]): Promise<string> {
  const { context } = couplet
  const endpoint = { name: 'crm', url: `${receiver.url}/hook`, events, pairName: null, mappingNames: [] }
  const deps = { ...webhookTools(context), stores: context.deps.stores }
  const { secret } = await saveWebhook(endpoint, { by: 'test', reason: null }, deps)
  return secret ?? ''
}

const states = async () =>
  (await couplet.context.care.webhooks.listDeliveries({ limit: 100, before: null })).map(({ state }) => state)

it('P11: a sender that is killed between sending a message and noting that sends it again, with the same id', async () => {
  const secret = await givenWebhook('run.finished')
  const doomed = await workers.start()
  receiver.answer = () => void doomed.kill()
  const run = await couplet.start('full')
  expect(await doomed.ended(60_000)).toBe('SIGKILL')
  expect(await states()).toEqual(['due'])
  receiver.answer = take
  // As if the time had passed for which the message is left to who has taken it.
  await couplet.store.query('UPDATE couplet.webhook_delivery SET next_attempt_at = now()')
  await workers.start()
  await waitFor('it is delivered', async () => (await states())[0] === 'delivered', 60_000)
  const [before, after, ...more] = receiver.received
  expect(more).toEqual([])
  expect(after?.headers['webhook-id']).toBe(before?.headers['webhook-id'])
  expect(after?.text).toBe(before?.text)
  expect(after && isSignedWith(secret, after)).toBe(true)
  expect(after?.body.data.run).toMatchObject({ id: run, state: 'succeeded-with-failures' })
})

it('P7: processes that are killed around page commits, and before they send, lose no event and invent none', async () => {
  await givenWebhook('issue.opened', 'run.finished')
  const run = await couplet.start('full')
  for (const failpoint of ['kill@commit#2', 'kill@commit#1', 'kill@write#2']) {
    const worker = await workers.start({ COUPLET_FAILPOINT: failpoint })
    expect(await worker.ended()).toBe('SIGKILL')
    await couplet.store.query('UPDATE couplet.webhook_delivery SET next_attempt_at = now()')
  }
  await workers.start()
  await couplet.ended(run, 120_000)
  const isDelivered = async () => (await states()).every((state) => state === 'delivered')
  await waitFor('all is delivered', isDelivered, 60_000)
  // What came twice is seen by its id.
  const told = [...new Map(receiver.received.map((each) => [each.headers['webhook-id'], each])).values()]
  const opened = told.filter(({ body }) => body.type === 'issue.opened')
  const keys = opened.flatMap(({ body }) => body.data.records.map(({ key }: { key: string }) => key))
  const issues = await couplet.store.query<{ key: string }>(`SELECT key FROM couplet.issue`)
  expect(issues.rows).toHaveLength(5)
  expect(keys.toSorted()).toEqual(issues.rows.map(({ key }) => key.replace(/^uuid:/, '')).toSorted())
  expect(told.filter(({ body }) => body.type === 'run.finished')).toHaveLength(1)
})
