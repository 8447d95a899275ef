import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isFromCouplet } from '../../examples/verify-webhook.ts'
import { watchOnce } from '../../src/app/alerts/alerts-part.ts'
import { rotateSecrets } from '../../src/app/rotate-secrets.ts'
import { parseSecretKeys } from '../../src/app/sealed-secret.ts'
import { createDeliverer, deliverAll } from '../../src/app/webhooks/deliverer.ts'
import { webhooksPart } from '../../src/app/webhooks/webhooks-part.ts'
import { CoupletClient } from '../../src/client/client.ts'
import { eventData } from '../../src/core/webhooks/event.ts'
import { type Api, startApi } from '../support/api.ts'
import { dumpRows } from '../support/dump.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'
import { answerWith, isSignedWith, type Receiver, startReceiver, take } from '../support/webhook-receiver.ts'

let receiver: Receiver
let couplet: Installation
let api: Api
let client: CoupletClient
const logged: string[] = []
const secretsSeen = new Set<string>()
const callbackSecret = `whsec_${randomBytes(32).toString('base64')}`
const newKey = (name: string) => `${name}:${randomBytes(32).toString('base64')}`
const oldKey = newKey('old')
const name = 'crm'

/** Sends what is due now, and waits until what came of it is written down. */
async function deliver(): Promise<void> {
  const deliverer = createDeliverer(couplet.context)
  while (await deliverer.begin()) await deliverer.allDone()
}
/** As if the pauses between the attempts, or the days, had passed. */
const makeDue = () => couplet.store.query(`UPDATE couplet.webhook_delivery SET next_attempt_at = now()`)
const letPass = (days: number) =>
  couplet.store.query(`
    UPDATE couplet.webhook_delivery SET due_since = due_since - interval '${days} days', next_attempt_at = now();
    UPDATE couplet.webhook_endpoint SET failing_since = failing_since - interval '${days} days'`)
const givenWebhook = async (path: string, events: Parameters<CoupletClient['saveWebhook']>[1]['events']) => {
  const { secret } = await client.saveWebhook(name, { url: `${receiver.url}${path}`, events })
  if (secret !== null) secretsSeen.add(secret)
  return secret ?? ''
}
const rename = async (no: string, to: string) => {
  await couplet.systems.query(`UPDATE nav.customer SET name = '${to}' WHERE no = '${no}'`)
  return couplet.run('modified')
}
const newest = async () => (await client.listDeliveries({ limit: 1 })).deliveries[0]

beforeAll(async () => {
  receiver = await startReceiver()
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(5)};
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%')`,
    env: {
      COUPLET_PORT: '0',
      COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8',
      COUPLET_SECRET_KEY: oldKey,
      COUPLET_CALLBACK_SECRET: callbackSecret,
      COUPLET_WEBHOOK_SECONDS: '1',
    },
    onLogLine: (line) => logged.push(line),
  })
  await couplet.import({ ...customerMapping, schedule: { everyMinutes: 1_440 } })
  await couplet.work()
  await couplet.run('full')
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = take
})
afterEach(async () => {
  if ((await couplet.context.care.webhooks.find(name)) !== null) await client.removeWebhook(name)
})
afterAll(async () => {
  await api.close()
  await couplet.close()
  await receiver.close()
})

describe('a webhook', () => {
  it('is told, signed, how a run has ended and which issues came and went, in the shape that is documented', async () => {
    const secret = await givenWebhook('/all', ['run.finished', 'issue.opened', 'issue.closed'])
    const failedRun = await rename('C1', 'rude')
    await deliver()
    await rename('C1', 'polite')
    await deliver()
    const told = receiver.at('/all')
    expect(told.map(({ body }) => body.type).sort()).toEqual([
      'issue.closed',
      'issue.opened',
      'run.finished',
      'run.finished',
    ])
    for (const each of told) {
      expect(isSignedWith(secret, each)).toBe(true)
      expect(isFromCouplet(each.headers, each.text, secret)).toBe(true)
      expect(isFromCouplet(each.headers, `${each.text} `, secret)).toBe(false)
      expect(each.headers['webhook-id']).toBe(each.body.id)
      expect(each.headers['content-type']).toBe('application/json')
      const type = each.body.type as keyof typeof eventData
      expect(eventData[type].parse(each.body.data)).toEqual(each.body.data)
      expect(each.text).not.toMatch(/rude|polite|Customer/)
    }
    expect(told.find(({ body }) => body.type === 'issue.opened')?.body.data).toMatchObject({
      pair: 'test',
      mapping: 'CUSTOMER',
      count: 1,
      records: [{ direction: 'to', key: expect.any(String), kind: 'failed', code: expect.any(String) }],
    })
    expect(told.map(({ body }) => body.data.run?.id)).toContain(failedRun.run.id)
  })

  it('is told of a conflict, and when a mapping is late and no longer is, as its alert rule says', async () => {
    await givenWebhook('/all', ['conflict.opened', 'mapping.late', 'mapping.recovered'])
    await couplet.systems.query(`UPDATE crm.account SET name = 'theirs' WHERE number = 'C2'`)
    await rename('C2', 'ours')
    // The rule that every installation begins with: more than an hour behind its schedule.
    await couplet.store.query(`UPDATE couplet.job SET started_at = now() - interval '3 days';
      UPDATE couplet.table_mapping SET created_at = created_at - interval '4 days'`)
    await watchOnce(couplet.context)
    await watchOnce(couplet.context)
    await couplet.run('modified')
    await watchOnce(couplet.context)
    await deliver()
    const types = receiver.at('/all').map(({ body }) => body.type)
    expect(types).toEqual(['conflict.opened', 'mapping.late', 'mapping.recovered'])
    expect(receiver.at('/all')[1]?.body.data).toMatchObject({
      mapping: 'CUSTOMER',
      rule: 'mapping-late',
      metric: 'mapping-late',
      thresholdMinutes: 60,
    })
  })

  it('that fails gets the same message later, with the same id, until it takes it', async () => {
    await givenWebhook('/flaky', ['run.finished'])
    receiver.answer = answerWith(500)
    await couplet.run('modified')
    await deliver()
    await deliver()
    expect(receiver.at('/flaky')).toHaveLength(1)
    expect(await newest()).toMatchObject({ state: 'due', attempts: 1, lastStatus: 500 })
    receiver.answer = take
    await makeDue()
    await deliver()
    const [first, second] = receiver.at('/flaky')
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.text).toBe(first?.text)
    expect(await newest()).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 200 + 4 })
    const { delivery, attempts, body } = await client.getDelivery((await newest())?.id ?? 0)
    expect(attempts.map(({ status }) => status)).toEqual([500, 204])
    expect(body).toBe(first?.text)
    expect(delivery.eventId).toBe(first?.headers['webhook-id'])
  })

  it('is not followed to another place, and hears that as a failure', async () => {
    await givenWebhook('/moved', ['run.finished'])
    receiver.answer = answerWith(302, { location: `${receiver.url}/elsewhere` })
    await couplet.run('modified')
    await deliver()
    expect(receiver.at('/elsewhere')).toEqual([])
    expect(await newest()).toMatchObject({ state: 'due', lastStatus: null, lastCode: 'REDIRECT_REFUSED' })
  })

  it('that hangs or floods keeps no other from its messages', async () => {
    await givenWebhook('/hangs', ['run.finished'])
    await client.saveWebhook('other', { url: `${receiver.url}/other`, events: ['run.finished'] })
    const held: (() => void)[] = []
    receiver.answer = ({ path }, response) => {
      if (path === '/other') response.writeHead(200).end()
      else held.push(() => response.end())
    }
    await couplet.run('modified')
    const deliverer = createDeliverer(couplet.context)
    await deliverer.begin()
    await waitFor('the hanging one has its message', () => held.length > 0)
    await deliverer.oneDone()
    await deliverer.allDone()
    const { deliveries } = await client.listDeliveries({ limit: 2 })
    const attempts = await Promise.all(deliveries.map(({ id }) => client.getDelivery(id)))
    const attemptTo = (webhook: string) =>
      attempts.find(({ delivery }) => delivery.webhook === webhook)?.attempts[0]
    expect(attemptTo('other')?.status).toBe(200)
    expect(attemptTo(name)?.code).toMatch(/^ANSWER_(TIMEOUT|STALLED)$/)
    // Written down while the other one was still being waited for.
    expect(Date.parse(attemptTo('other')?.at ?? '')).toBeLessThan(Date.parse(attemptTo(name)?.at ?? ''))
    await client.removeWebhook('other')
    receiver.answer = (_request, response) => {
      response.writeHead(200)
      response.end('x'.repeat(5_000_000))
    }
    await makeDue()
    await deliver()
    expect(await newest()).toMatchObject({ state: 'due', lastCode: 'ANSWER_TOO_LARGE' })
  })

  it('that answers 410 is disabled, and hears no more until somebody enables it', async () => {
    await givenWebhook('/gone', ['run.finished'])
    receiver.answer = answerWith(410)
    await couplet.run('modified')
    await deliver()
    expect((await client.getWebhook(name)).webhook).toMatchObject({
      enabled: false,
      disabledReason: 'It has answered 410 Gone',
    })
    await couplet.run('modified')
    await deliver()
    expect(receiver.at('/gone')).toHaveLength(1)
    expect(logged.join('\n')).toContain('A webhook is disabled')
    receiver.answer = take
    await client.enableWebhook(name)
    expect(await client.replayWebhook(name)).toEqual({ deliveries: 1 })
    await deliver()
    const [first, again] = receiver.at('/gone')
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect((await client.getWebhook(name)).webhook.failingSince).toBeNull()
  })

  it('that nothing has reached for days is disabled, an alert speaks of it, and its messages can be sent again', async () => {
    await givenWebhook('/dead', ['run.finished'])
    receiver.answer = answerWith(503)
    await couplet.run('modified')
    await deliver()
    await letPass(3)
    await watchOnce(couplet.context)
    const alerts = await couplet.context.care.alerts.listAlerts({ recovered: false, limit: 20 })
    expect(alerts).toContainEqual(expect.objectContaining({ subject: `webhook ${name}`, value: 4_320 }))
    await deliver()
    expect(await newest()).toMatchObject({ state: 'failed', attempts: 2 })
    expect((await client.getWebhook(name)).webhook.disabledReason).toBe('Nothing has reached it for 3 days')
    receiver.answer = take
    await client.enableWebhook(name)
    expect(await client.replayDelivery((await newest())?.id ?? 0)).toEqual({ deliveries: 1 })
    await deliver()
    expect(await newest()).toMatchObject({ state: 'delivered' })
  })

  it('is tried by a test that is sent once, at once', async () => {
    const secret = await givenWebhook('/test', ['run.finished'])
    expect(await client.testWebhook(name)).toMatchObject({ delivered: true, status: 204, code: null })
    expect(receiver.at('/test')[0]?.body).toMatchObject({ type: 'webhook.test', data: { webhook: name } })
    expect(receiver.at('/test').every((each) => isSignedWith(secret, each))).toBe(true)
    receiver.answer = answerWith(500)
    expect(await client.testWebhook(name)).toMatchObject({ delivered: false, status: 500 })
    await makeDue()
    await deliver()
    expect(receiver.at('/test')).toHaveLength(2)
  })

  it('gets messages signed with both secrets while one takes the place of the other', async () => {
    const before = await givenWebhook('/rotated', ['run.finished'])
    const { secret: after } = await client.rotateWebhook(name, { previousHours: 1 })
    secretsSeen.add(after)
    await client.testWebhook(name)
    const [first] = receiver.at('/rotated')
    expect([before, after].map((secret) => first && isSignedWith(secret, first))).toEqual([true, true])
    expect(
      [before, after].map((secret) => first && isFromCouplet(first.headers, first.text, secret)),
    ).toEqual([true, true])
    await couplet.store.query(`UPDATE couplet.webhook_endpoint SET previous_until = now()`)
    await client.testWebhook(name)
    const second = receiver.at('/rotated')[1]
    expect([before, after].map((secret) => second && isSignedWith(secret, second))).toEqual([false, true])
  })

  it('keeps its secret when it is changed, and when all stored secrets are sealed with another key', async () => {
    const secret = await givenWebhook('/before', ['run.finished'])
    expect(await givenWebhook('/after', ['run.finished'])).toBe('')
    const keys = parseSecretKeys(`${newKey('new')},${oldKey}`) ?? new Map()
    const context = { ...couplet.context, config: { ...couplet.context.config, secretKeys: keys } }
    expect(await rotateSecrets('test', context)).toContainEqual({ webhook: name, settings: ['secret'] })
    expect(await rotateSecrets('test', context)).toEqual([])
    await expect(client.testWebhook(name)).resolves.toMatchObject({ code: 'SECRET_NOT_READABLE' })
    const webhook = (await client.getWebhook(name)).webhook
    const message = await couplet.context.care.webhooks.takeTest(webhook, 60_000)
    await deliverAll([message], context)
    const [told] = receiver.at('/after')
    expect(told && isSignedWith(secret, told)).toBe(true)
  })
})

it('what came of a message cannot be written down: the others to the receiver are still sent, and written down', async () => {
  await givenWebhook('/both', ['run.finished'])
  const { webhook } = await client.getWebhook(name)
  const { webhooks } = couplet.context.care
  const bad = await webhooks.takeTest(webhook, 60_000)
  const good = await webhooks.takeTest(webhook, 60_000)
  let answerGood = () => {}
  receiver.answer = (seen, response) => {
    if (seen.headers['webhook-id'] === bad.event.id) take(seen, response)
    else answerGood = () => take(seen, response)
  }
  const recordAttempt: typeof webhooks.recordAttempt = async (message, ...rest) => {
    if (message.id === good.id) return webhooks.recordAttempt(message, ...rest)
    await waitFor('the other message', () => receiver.at('/both').length === 2)
    setTimeout(answerGood, 50)
    throw new Error('the database is away')
  }
  const care = { ...couplet.context.care, webhooks: { ...webhooks, recordAttempt } }
  await expect(deliverAll([bad, good], { ...couplet.context, care })).rejects.toThrow('is away')
  expect((await webhooks.findDelivery(good.id))?.delivery).toMatchObject({
    state: 'delivered',
    lastStatus: 204,
  })
})

describe('what is refused', () => {
  const events = ['run.finished'] as const
  it.each([
    ['no address', 'hello', 'REQUEST_INVALID'],
    ['another protocol', 'ftp://example.com/', 'REQUEST_INVALID'],
    ['a password in it', 'https://ada:lovelace@example.com/', 'REQUEST_INVALID'],
    ['a private address', 'https://10.0.0.1/hook', 'ADDRESS_REFUSED'],
    ['the metadata service', 'http://169.254.169.254/latest', 'ADDRESS_REFUSED'],
    ['an IPv6 address of this machine', 'http://[::1]/', 'ADDRESS_REFUSED'],
  ])('an address with %s', async (_what, url, code) => {
    await expect(client.saveWebhook('x', { url, events })).rejects.toMatchObject({ code })
    const run = { kind: 'modified', callbackUrl: url } as const
    await expect(client.startRun(run)).rejects.toMatchObject({ code })
  })

  it('a mapping or a pair that is not there, an unknown type of event, and an unknown name', async () => {
    const url = `${receiver.url}/x`
    const save = (more: object) => client.saveWebhook('x', { url, events, ...more })
    await expect(save({ mappings: ['NONE'] })).rejects.toMatchObject({ code: 'MAPPING_UNKNOWN' })
    await expect(save({ pair: 'none' })).rejects.toMatchObject({ status: 404 })
    await expect(save({ events: ['run.begun'] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    await expect(client.getWebhook('none')).rejects.toMatchObject({ code: 'WEBHOOK_UNKNOWN', status: 404 })
    await expect(client.getDelivery(999_999_999)).rejects.toMatchObject({ code: 'DELIVERY_UNKNOWN' })
  })

  it('an address that is judged again when it is connected to', async () => {
    await givenWebhook('/x', ['run.finished'])
    await couplet.store.query(`UPDATE couplet.webhook_endpoint SET url = 'http://169.254.169.254/latest'`)
    await couplet.run('modified')
    await deliver()
    expect(await newest()).toMatchObject({ state: 'due', lastCode: 'ADDRESS_REFUSED' })
  })
})

describe('the callback of a run', () => {
  it('is told, signed with the secret of callbacks, how the run has ended; nobody sees its address', async () => {
    const callbackUrl = `${receiver.url}/callback?token=t0ken-of-a-callback`
    const { run } = await client.startRun({ kind: 'modified', callbackUrl, priority: 'high' })
    expect(JSON.stringify(run)).not.toContain('t0ken')
    await client.waitForRun(run.id)
    await deliver()
    const [told] = receiver.at('/callback?token=t0ken-of-a-callback')
    expect(told?.body).toMatchObject({
      type: 'run.finished',
      data: { run: { id: run.id, state: 'succeeded' } },
    })
    expect(told && isSignedWith(callbackSecret, told)).toBe(true)
    expect(await newest()).toMatchObject({ webhook: null, callbackOrigin: receiver.url, state: 'delivered' })
    expect(JSON.stringify(await client.listDeliveries())).not.toContain('t0ken')
    expect(logged.join('\n')).not.toContain('t0ken')
  })

  it('is told of single records, and of a run that is cancelled', async () => {
    const records = { kind: 'records', mapping: 'CUSTOMER', keys: ['C3'] } as const
    const { run } = await client.startRun({ ...records, callbackUrl: `${receiver.url}/records` })
    await client.waitForRun(run.id)
    await couplet.context.deps.stores.control.pause(
      { scope: 'everything' },
      { cause: 'person', until: null, reason: 'a test' },
      { by: 'test', reason: 'a test' },
    )
    const held = await client.startRun({ kind: 'modified', callbackUrl: `${receiver.url}/cancelled` })
    await client.cancelRun(held.run.id)
    await couplet.context.deps.stores.control.resume({ scope: 'everything' }, { by: 'test', reason: null })
    await client.waitForRun(held.run.id)
    await deliver()
    expect(receiver.at('/records')[0]?.body.data.run.id).toBe(run.id)
    expect(receiver.at('/cancelled')[0]?.body.data.run.state).toBe('cancelled')
  })

  it('is refused where there is no secret to sign it with', async () => {
    const config = { ...couplet.context.config, callbackSecrets: [] }
    const plain = await startApi({ ...couplet.context, config })
    const other = new CoupletClient({ url: plain.url, key: api.key })
    const run = { kind: 'modified', callbackUrl: `${receiver.url}/x` } as const
    await expect(other.startRun(run)).rejects.toMatchObject({ code: 'CALLBACK_NOT_SET_UP', status: 409 })
    await plain.close()
  })
})

it('what is owed is sent by the service by itself, and an orderly stop waits for what is under way', async () => {
  await givenWebhook('/service', ['run.finished'])
  const part = webhooksPart(couplet.context)
  await part.start?.(new AbortController().signal)
  await couplet.run('modified')
  await waitFor('the message', () => receiver.at('/service').length === 1)
  await part.drain?.()
  expect(await newest()).toMatchObject({ state: 'delivered' })
})

it('no secret of a webhook or a callback is in any log or row', async () => {
  const told = [...logged, ...(await dumpRows(couplet.store))].join('\n')
  expect(secretsSeen.size).toBeGreaterThan(3)
  for (const secret of [...secretsSeen, callbackSecret]) {
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64')
    for (const form of [
      secret,
      secret.slice('whsec_'.length),
      bytes.toString('hex'),
      bytes.toString('base64url'),
    ])
      expect(told.includes(form)).toBe(false)
  }
})
