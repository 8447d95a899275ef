import { afterAll, beforeAll, expect, it } from 'vitest'
import { isSealed } from '../../src/app/sealed-secret.ts'
import { type Care, createCare } from '../../src/store/care.ts'
import { runCommand } from '../support/cli.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { answerWith, isSignedWith, type Receiver, startReceiver, take } from '../support/webhook-receiver.ts'

let opened: TestStore
let care: Care
let receiver: Receiver
beforeAll(async () => {
  opened = await openTestStore()
  care = createCare(opened.pool)
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  await opened.close()
})

const secretKey = `test:${Buffer.alloc(32, 7).toString('base64')}`
const couplet = (args: string, env: Record<string, string> = {}) =>
  runCommand(args.split(' '), {
    DATABASE_URL: opened.url,
    COUPLET_MIGRATE: 'off',
    COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8',
    COUPLET_SECRET_KEY: secretKey,
    ...env,
  })
const add = (more = '') =>
  couplet(`webhooks add shop --url ${receiver.url}/shop?token=t0ken --event run.finished${more}`)

/** Each command is a process of its own, and machines are busy. */
const patience = 180_000
let secret = ''

it('a webhook is added with a secret that is printed once, is tried, and is changed', {
  timeout: patience,
}, async () => {
  const added = await add()
  expect(added.code).toBe(0)
  secret = added.stdout.trim()
  expect(await couplet('webhooks test shop')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/status 204/),
  })
  const [told] = receiver.received
  expect(told && isSignedWith(secret, told)).toBe(true)
  receiver.answer = answerWith(500)
  expect(await couplet('webhooks test shop')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/status 500/),
  })
  receiver.answer = take

  const changed = await add(' --event issue.opened --mapping NONE')
  expect(changed.stderr).toContain('MAPPING_UNKNOWN')
  expect((await add(' --event issue.opened')).stdout).toContain('keeps its secret')
  const listed = await couplet('webhooks')
  expect(listed.stdout).toContain('issue.opened')
  expect(listed.stdout).not.toContain('t0ken')
  expect((await couplet('webhooks show shop')).stdout).toContain('t0ken')
})

it('a webhook gets a new secret, is switched off and on, and no secret is in the audit log', {
  timeout: patience,
}, async () => {
  const rotated = await couplet('webhooks rotate shop --json')
  const next: string = JSON.parse(rotated.stdout).secret
  await couplet('webhooks test shop')
  const last = receiver.received.at(-1)
  expect([secret, next].map((each) => last && isSignedWith(each, last))).toEqual([true, true])

  expect((await couplet('webhooks disable shop --reason maintenance')).code).toBe(0)
  expect(JSON.parse((await couplet('webhooks --json')).stdout).webhooks).toMatchObject([
    { enabled: false, disabledReason: 'maintenance' },
  ])
  expect((await couplet('webhooks enable shop')).code).toBe(0)
  const { rows } = await opened.pool.query(
    'SELECT action, before, after FROM couplet.audit_log ORDER BY number',
  )
  expect(rows.map(({ action }) => action)).toEqual([
    'webhook.save',
    'webhook.save',
    'webhook.rotate',
    'webhook.disable',
    'webhook.enable',
  ])
  expect(JSON.stringify(rows)).not.toMatch(/t0ken|whsec|sealed/)
})

it('deliveries are listed and sent again', { timeout: patience }, async () => {
  const { deliveries } = JSON.parse((await couplet('webhooks deliveries --webhook shop --json')).stdout)
  expect(deliveries.map(({ state }: { state: string }) => state)).toEqual([
    'delivered',
    'failed',
    'delivered',
  ])
  const { id } = deliveries[0]
  expect((await couplet(`webhooks replay ${id}`)).stdout).toContain('1 delivery is sent again')
  expect((await care.webhooks.findDelivery(id))?.delivery.state).toBe('due')
  expect((await couplet('webhooks replay')).stderr).toContain('REQUEST_INVALID')
  expect((await couplet('webhooks replay 999999')).stderr).toContain('DELIVERY_UNKNOWN')
  expect((await couplet('webhooks replay --webhook none')).stderr).toContain('WEBHOOK_UNKNOWN')
})

it.each([
  ['an address inside', '--url http://169.254.169.254/ --event run.finished', {}, 'ADDRESS_REFUSED'],
  [
    'an event that is not there',
    '--url https://example.com/ --event run.begun',
    {},
    'Expected one of run.finished',
  ],
  [
    'no key to seal with',
    '--url https://example.com/ --event run.finished',
    { COUPLET_SECRET_KEY: '' },
    'COUPLET_SECRET_KEY',
  ],
])('%s is refused', async (_what, options, env, reason) => {
  const refused = await couplet(`webhooks add other ${options}`, env)
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain(reason)
})

it('no backup holds its secret: after a restore it is off until it has a new one', {
  timeout: patience,
}, async () => {
  const lines: string[] = []
  for await (const line of care.backup.readBackup(isSealed)) lines.push(line)
  const row = lines.find((line) => line.includes('"shop"')) ?? ''
  expect(row).toContain('"enabled":false')
  expect(lines.join('\n')).not.toContain('sealed:')
  async function* backup() {
    yield* lines
  }
  await care.backup.restoreBackup(backup(), { by: 'test', reason: 'a test', replace: true })
  const doctor = await couplet('doctor --json')
  expect(doctor.stdout).toContain('shop has no secret since a restore')
  expect((await couplet('webhooks enable shop')).stderr).toContain('WEBHOOK_SECRET_MISSING')
  expect((await couplet('webhooks rotate shop')).code).toBe(0)
  expect((await couplet('webhooks enable shop')).code).toBe(0)
  expect((await couplet('webhooks test shop')).code).toBe(0)
  expect((await couplet('webhooks remove shop')).code).toBe(0)
  expect((await couplet('webhooks')).stderr).toContain('There are no webhooks')
})
