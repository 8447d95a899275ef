import { expect, it } from 'vitest'
import type { AlertChannel, AlertMetric, AlertRule } from '../../../../src/core/alerts/rule.ts'
import type { AlertStore, DueDelivery } from '../../../../src/core/ports/alert-store.ts'
import { deliverAlerts } from '../../../../src/usecases/alerts/deliver-alerts.ts'
import { evaluateAlerts } from '../../../../src/usecases/alerts/evaluate-alerts.ts'
import { plainRule } from '../../../support/alert-rule.ts'

const warnings: string[] = []
const note = (_facts: object, message: string) => void warnings.push(message)
const log = { debug: note, info: note, warn: note, error: note, child: () => log }
const channel: AlertChannel = { id: 1, name: 'people', kind: 'email', target: 'a@example.com' }
const rule = (metric: string): AlertRule => ({
  id: 1,
  name: metric,
  // The store of a newer version has metrics that this one does not know.
  metric: metric as AlertMetric,
  ...plainRule,
})
const due = (id: number, metric: string, since = '2026-01-01T00:00:00Z'): DueDelivery => ({
  id,
  attempts: 1,
  event: 'fired',
  channel,
  told: {
    rule: rule(metric),
    alert: { subject: `subject ${id}`, pairName: null, mappingName: null, value: 1, since },
  },
})

/** Delivers what is due; what became of it is written down. */
async function deliver(...all: readonly DueDelivery[]): Promise<readonly string[]> {
  const done: string[] = []
  const alerts = {
    takeDeliveries: async () => all,
    endDeliveries: async (ids: readonly number[]) => void done.push(`ended ${ids}`),
    postponeDeliveries: async (ids: readonly number[]) => void done.push(`postponed ${ids}`),
    putBackDeliveries: async (ids: readonly number[]) => void done.push(`put back ${ids}`),
  }
  await deliverAlerts({ alerts, log, random: () => 0.5, send: async () => {} })
  return done
}

it('what a rule of a newer version says is left to processes of that version, and holds up nothing else', async () => {
  const done = await deliver(due(1, 'no-leader'), due(2, 'not-known-yet'), due(3, 'no-worker'))
  expect(done).toEqual(['put back 2', 'ended 1,3'])
})

it('what cannot be put into words is tried later, and holds up no other channel', async () => {
  const broken = due(1, 'no-leader', null as unknown as string)
  const other = { ...due(2, 'no-leader'), channel: { ...channel, id: 2 } }
  expect([...(await deliver(broken, other))].sort()).toEqual(['ended 2', 'postponed 1'])
})

it('a rule of a newer version is not looked at, and nobody is warned', async () => {
  warnings.length = 0
  const looked: string[] = []
  const alerts: Pick<AlertStore, 'listRules' | 'listSilences' | 'findOpen' | 'applyPlan'> = {
    listRules: async () => [rule('not-known-yet'), rule('no-leader')],
    listSilences: async () => [],
    findOpen: async () => ({ now: new Date(0), alerts: [] }),
    applyPlan: async ({ metric }) => void looked.push(metric),
  }
  await evaluateAlerts({
    alerts: alerts as AlertStore,
    log,
    readMetric: async () => [],
    pause: async () => {},
  })
  expect([looked, warnings]).toEqual([['no-leader'], []])
})
