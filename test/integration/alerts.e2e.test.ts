import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { watchOnce } from '../../src/app/alerts/alerts-part.ts'
import { readMetric } from '../../src/app/alerts/read-metric.ts'
import { type AlertRule, alertMetrics, metricFacts, yesOrNo } from '../../src/core/alerts/rule.ts'
import { saveAlertChannel, saveAlertRule } from '../../src/usecases/alerts/change-alerts.ts'
import { startHook, startMailServer } from '../support/alert-receivers.ts'
import { plainRule } from '../support/alert-rule.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let mail: Awaited<ReturnType<typeof startMailServer>>
let hook: Awaited<ReturnType<typeof startHook>>
let couplet: Installation
const changed = { by: 'test', reason: 'a test' }
const alerts = () => couplet.context.care.alerts
const watch = () => watchOnce(couplet.context)
const rule = (more: Partial<AlertRule>): Omit<AlertRule, 'id'> => ({
  name: 'rude',
  metric: 'open-issues',
  ...plainRule,
  ...more,
})
const rename = async (no: string, name: string) => {
  await couplet.systems.query(`UPDATE nav.customer SET name = '${name}' WHERE no = '${no}'`)
  await couplet.run('modified')
}

beforeAll(async () => {
  mail = await startMailServer()
  hook = await startHook()
  process.env['SLACK_URL'] = `${hook.url}/slack/T0/secret`
  process.env['HOOK_URL'] = `${hook.url}/hook`
  process.env['LATE_URL'] = `${hook.url}/late`
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)};
      ALTER TABLE crm.account ADD CONSTRAINT polite CHECK (name NOT LIKE '%rude%')`,
    env: {
      COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8',
      COUPLET_SMTP_URL: mail.url,
      COUPLET_MAIL_FROM: 'couplet@example.com',
    },
  })
  await couplet.import(customerMapping)
  await couplet.work()
  await couplet.run('full')
  // The processes of this installation give no sign of life.
  for (const rule of ['nobody-works', 'nobody-leads']) await alerts().removeRule(rule, changed)
  const channels = [
    { name: 'people', kind: 'email', target: 'a@example.com, b@example.com' },
    { name: 'chat', kind: 'slack', target: 'env:SLACK_URL' },
    { name: 'program', kind: 'webhook', target: 'env:HOOK_URL' },
  ] as const
  for (const channel of channels) await saveAlertChannel(channel, changed, couplet.context.care)
})
beforeEach(async () => {
  mail.mails.length = 0
  hook.posts.length = 0
})
afterAll(async () => {
  await couplet.close()
  await Promise.all([mail.close(), hook.close()])
})

it('every metric of the shipped rules, and every other one, can be read', async () => {
  const shipped = await alerts().listRules()
  expect(shipped.map(({ name }) => name)).toContain('mapping-late')
  for (const metric of alertMetrics) {
    const threshold = metricFacts[metric].unit === yesOrNo ? 0 : 1_000_000
    const saved = rule({ name: `all-${metric}`, metric, windowMinutes: 5, threshold })
    await saveAlertRule(saved, changed, couplet.context.care)
  }
  const warnings: string[] = []
  const log = {
    ...couplet.context.log,
    warn: (_facts: object, message: string) => void warnings.push(message),
  }
  await watchOnce({ ...couplet.context, log })
  expect(warnings).toEqual([])
  for (const rule of ['all-no-worker', 'all-no-leader']) await alerts().removeRule(rule, changed)
  expect(await alerts().listAlerts({ recovered: true, limit: 10 })).toEqual([])
})

it('a mapping is late by its own schedule: two hours are nothing where it is due once a day', async () => {
  const { schedules } = couplet.context.deps.stores
  const daily = async (anchor: string) => {
    await couplet.store.query(`
      UPDATE couplet.schedule SET every_minutes = 1440, cron = NULL, anchor_at = now() + interval '${anchor}', inactivity_minutes = 0;
      UPDATE couplet.job SET started_at = now() - interval '2 hours';
      UPDATE couplet.table_mapping SET created_at = now() - interval '2 hours'`)
    return readMetric(couplet.context, 'mapping-late', 0)
  }
  const before = await schedules.list()
  if (before.length === 0)
    await schedules.save(
      { pairId: couplet.pair.id, name: 'daily', kind: 'modified', everyMinutes: 1_440 },
      null,
    )
  const subject = 'mapping CUSTOMER of test'
  expect(await daily('1 hour')).toMatchObject([{ subject, value: 0 }])
  expect(await daily('-1 hour')).toMatchObject([{ subject, value: 60 }])
  await couplet.store.query('DELETE FROM couplet.schedule')
  expect(await readMetric(couplet.context, 'mapping-late', 0)).toEqual([])
})

it('tells by mail, Slack and webhook, once, also when two look at the same moment, and then that it is over', async () => {
  await saveAlertRule(rule({}), changed, couplet.context.care)
  await rename('C1', 'rude <b>')
  await Promise.all([watch(), watch()])
  await watch()
  expect(mail.mails).toHaveLength(1)
  expect(mail.mails[0]?.to).toEqual(['a@example.com', 'b@example.com'])
  expect(mail.mails[0]?.content).toContain('Subject: [Couplet] critical: rude')
  expect(hook.posts.map(({ path }) => path).sort()).toEqual(['/hook', '/slack/T0/secret'])
  expect(hook.posts.find(({ path }) => path === '/hook')?.body).toMatchObject({
    event: 'fired',
    alerts: [
      { rule: 'rude', severity: 'critical', pair: 'test', mapping: 'CUSTOMER', value: 1, threshold: 0 },
    ],
  })
  await rename('C1', 'polite')
  await watch()
  await watch()
  expect(mail.mails).toHaveLength(2)
  expect(mail.mails[1]?.content).toContain('Subject: [Couplet] recovered: rude')
  expect(hook.posts).toHaveLength(4)
})

it('a channel that is down gets its message later and holds up no other; nobody learns its address', async () => {
  hook.status = 500
  await rename('C2', 'rude')
  await watch()
  expect([mail.mails.length, hook.posts.length]).toEqual([1, 0])
  const [listed] = await alerts().listAlerts({ recovered: false, limit: 10 })
  expect(listed?.deliveryError).toMatch(/^Channel (chat|program) did not take the message: status 500$/)
  hook.status = 200
  await watch()
  expect(hook.posts).toEqual([])
  await couplet.store.query('UPDATE couplet.alert_delivery SET next_attempt_at = now()')
  await watch()
  await watch()
  expect([mail.mails.length, hook.posts.length]).toEqual([1, 2])
  await rename('C2', 'polite')
  await watch()
})

it('a process without the settings of a channel leaves it to one that has them, which sends at once', async () => {
  const names = ['rude', 'ruder']
  for (const name of names)
    await saveAlertRule(rule({ name, channels: ['people'] }), changed, couplet.context.care)
  await rename('C2', 'rude')
  const without = { ...couplet.context, config: { ...couplet.context.config, smtpUrl: null } }
  for (let rounds = 0; rounds < 5; rounds += 1) await watchOnce(without)
  const [listed] = await alerts().listAlerts({ recovered: false, limit: 10 })
  expect(listed?.deliveryError).toMatch(/^Channel people sends mail, for which COUPLET_SMTP_URL /)
  // What is put back does not come before what nobody has looked at.
  const take = () => alerts().takeDeliveries({ limit: 1, holdMs: 60_000 })
  const taken: string[] = []
  for (const _ of names) {
    for (const { id, attempts, told } of await take()) {
      expect(attempts).toBe(1)
      taken.push(told.rule.name)
      await alerts().putBackDeliveries([id], 'a test')
    }
  }
  expect(taken.sort()).toEqual(names)
  await watch()
  expect(mail.mails.map(({ content }) => /Subject: (.*)/.exec(content)?.[1])).toEqual([
    '[Couplet] critical: 2 alerts',
  ])
  await alerts().removeRule('ruder', changed)
  await saveAlertRule(rule({}), changed, couplet.context.care)
  await watch()
  await rename('C2', 'polite')
  await watch()
})

it('a channel that was down hears the beginning before the end, and both before what came later', async () => {
  const heard = () =>
    hook.posts.filter(({ path }) => path === '/hook').map(({ body }) => (body as { event: string }).event)
  hook.status = 500
  for (const name of ['rude', 'polite', 'very rude']) {
    await rename('C2', name)
    await watch()
  }
  hook.status = 200
  // The end is due long before the beginning is tried again.
  await watch()
  expect(heard()).toEqual([])
  for (let rounds = 0; rounds < 4; rounds += 1) {
    await couplet.store.query('UPDATE couplet.alert_delivery SET next_attempt_at = now()')
    await watch()
  }
  expect(heard()).toEqual(['fired', 'recovered', 'fired'])
  await rename('C2', 'polite')
  await watch()
})

it('a channel that comes later is told what is open, and then that it is over', async () => {
  await rename('C2', 'rude')
  await watch()
  hook.posts.length = 0
  const late = { name: 'late', kind: 'webhook', target: 'env:LATE_URL' } as const
  await saveAlertChannel(late, changed, couplet.context.care)
  await saveAlertChannel(late, changed, couplet.context.care)
  await watch()
  await rename('C2', 'polite')
  await watch()
  const heard = hook.posts.filter(({ path }) => path === '/late').map(({ body }) => body)
  expect(heard).toMatchObject([{ event: 'fired', alerts: [{ rule: 'rude' }] }, { event: 'recovered' }])
  expect(hook.posts.filter(({ path }) => path === '/hook')).toHaveLength(1)
  await alerts().removeChannel('late', changed)
})

it('a channel that comes to a rule is told what is open, unless it is owed that already', async () => {
  const save = (...channels: string[]) => saveAlertRule(rule({ channels }), changed, couplet.context.care)
  await save('program')
  await rename('C2', 'rude')
  hook.status = 500
  await watch()
  await save('people')
  await save()
  hook.status = 200
  await couplet.store.query('UPDATE couplet.alert_delivery SET next_attempt_at = now()')
  await watch()
  await rename('C2', 'polite')
  await watch()
  const heard = (path: string) => hook.posts.filter((post) => post.path === path).map(({ body }) => body)
  expect(heard('/hook')).toMatchObject([{ event: 'fired' }, { event: 'recovered' }])
  expect(heard('/slack/T0/secret')).toHaveLength(2)
  expect(mail.mails.map(({ content }) => /Subject: (.*)/.exec(content)?.[1])).toEqual([
    '[Couplet] critical: rude',
    '[Couplet] recovered: rude',
  ])
})

it('a channel that comes to a rule while it is judged is told with the others', async () => {
  const judged = await saveAlertRule(rule({ channels: ['program'] }), changed, couplet.context.care)
  await saveAlertRule(rule({}), changed, couplet.context.care)
  const reading = { subject: 'mapping X of test', pairName: 'test', mappingName: 'X', value: 1 }
  const plan = { keep: [], fire: [], tell: [], recover: [], forget: [] }
  await alerts().applyPlan(judged, { ...plan, open: [{ reading, isFired: true, isTold: true }] })
  // The beginning, and then the end: nothing real exceeds the threshold.
  await watch()
  await watch()
  expect([mail.mails.length, hook.posts.length]).toEqual([2, 4])
})

it('says nothing in maintenance, and afterwards what still speaks', async () => {
  const silence = await alerts().addSilence({
    ruleName: null,
    pairName: null,
    mappingName: 'CUSTOMER',
    minutes: 60,
    reason: 'maintenance',
    createdBy: 'test',
  })
  await rename('C3', 'rude')
  await watch()
  expect([mail.mails.length, hook.posts.length]).toEqual([0, 0])
  expect(await alerts().listAlerts({ recovered: false, limit: 10 })).toMatchObject([{ toldAt: null }])
  expect(await alerts().endSilence(silence.id, changed)).toBe(true)
  await watch()
  expect([mail.mails.length, hook.posts.length]).toEqual([1, 2])
})

it('speaks only after the window', async () => {
  await saveAlertRule(
    rule({ name: 'slow', windowMinutes: 10, channels: ['program'] }),
    changed,
    couplet.context.care,
  )
  await watch()
  expect(hook.posts).toEqual([])
  await couplet.store.query(`UPDATE couplet.alert SET since = now() - interval '10 minutes'`)
  await watch()
  expect(hook.posts).toHaveLength(1)
})

it('pauses the mapping where the rule says so, and says why', async () => {
  await saveAlertRule(
    rule({ name: 'stop', action: 'pause', channels: ['program'] }),
    changed,
    couplet.context.care,
  )
  await watch()
  expect(await couplet.context.deps.stores.control.listPauses()).toMatchObject([
    { scope: 'mapping', name: 'CUSTOMER', cause: 'automatic', by: 'alert rule stop' },
  ])
})

it.each([
  ['a mapping for something that has none', { metric: 'queue-wait', mappingName: 'CUSTOMER' }, /per queue/],
  [
    'a channel that is not there',
    { channels: ['nobody'] },
    /no such channel; there are: chat, people, program/,
  ],
  ['a recovery above the threshold', { recoverAt: 1 }, /must not be above the threshold/],
  ['a count without a window', { metric: 'failed-records' }, /needs one/],
  ['a number for what is 1 or 0', { metric: 'no-worker', threshold: 5 }, /no-worker is 1 or 0/],
] as const)('a rule with %s is refused', async (_what, more, reason) => {
  await expect(saveAlertRule(rule(more), changed, couplet.context.care)).rejects.toThrow(reason)
})
