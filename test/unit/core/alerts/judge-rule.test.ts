import { describe, expect, it } from 'vitest'
import { judgeRule, type RuleFacts } from '../../../../src/core/alerts/judge-rule.ts'
import { composeMessage } from '../../../../src/core/alerts/message.ts'
import type { AlertReading, AlertRule, AlertSilence, OpenAlert } from '../../../../src/core/alerts/rule.ts'

const now = new Date('2026-05-01T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const rule = (more: Partial<AlertRule> = {}): AlertRule => ({
  id: 1,
  name: 'late',
  metric: 'mapping-age',
  pairName: null,
  mappingName: null,
  windowMinutes: 10,
  threshold: 60,
  recoverAt: 30,
  severity: 'warning',
  channels: [],
  action: 'none',
  enabled: true,
  ...more,
})
const reading = (value: number, mapping = 'ITEM'): AlertReading => ({
  subject: `mapping ${mapping} of test`,
  pairName: 'test',
  mappingName: mapping,
  value,
})
const alert = (more: Partial<OpenAlert> = {}): OpenAlert => ({
  ...reading(70),
  id: 7,
  ruleId: 1,
  since: minutesAgo(11),
  firedAt: null,
  toldAt: null,
  ...more,
})
const spoken = { firedAt: minutesAgo(1), toldAt: minutesAgo(1) }
const silence = (more: Partial<AlertSilence> = {}): AlertSilence => ({
  id: 1,
  ruleName: null,
  pairName: null,
  mappingName: null,
  until: minutesAgo(-5),
  reason: 'maintenance',
  createdBy: 'test',
  ...more,
})
const judge = (facts: Partial<RuleFacts>, more: Partial<AlertRule> = {}) =>
  judgeRule(rule(more), { readings: [], open: [], silences: [], now, ...facts })
const nothing = { open: [], keep: [], fire: [], tell: [], recover: [], forget: [] }

describe('an alert rule (dashboard.md §3.9)', () => {
  it('says nothing at the threshold, and opens above it without speaking yet', () => {
    expect(judge({ readings: [reading(60)] })).toEqual(nothing)
    const plan = judge({ readings: [reading(61)] })
    expect(plan).toEqual({ ...nothing, open: [{ reading: reading(61), isFired: false, isTold: false }] })
  })

  it('speaks when the threshold was exceeded for the window, and not a minute before', () => {
    const early = judge({ readings: [reading(70)], open: [alert({ since: minutesAgo(9) })] })
    expect(early).toEqual({ ...nothing, keep: [{ id: 7, value: 70 }] })
    const due = judge({ readings: [reading(75)], open: [alert({ since: minutesAgo(10) })] })
    expect(due).toEqual({ ...nothing, keep: [{ id: 7, value: 75 }], fire: [7], tell: [7] })
  })

  it('without a window speaks at once, and a metric that counts a window does, too', () => {
    expect(judge({ readings: [reading(61)] }, { windowMinutes: 0 }).open).toMatchObject([
      { isFired: true, isTold: true },
    ])
    expect(judge({ readings: [reading(61)] }, { metric: 'failed-records' }).open).toMatchObject([
      { isFired: true, isTold: true },
    ])
  })

  it('tells once, however long it lasts', () => {
    expect(judge({ readings: [reading(500)], open: [alert(spoken)] })).toEqual({
      ...nothing,
      keep: [{ id: 7, value: 500 }],
    })
  })

  it('once it speaks it is over only at the value of recovery', () => {
    expect(judge({ readings: [reading(31)], open: [alert(spoken)] }).recover).toEqual([])
    expect(judge({ readings: [reading(30)], open: [alert(spoken)] })).toEqual({ ...nothing, recover: [7] })
    expect(judge({ readings: [reading(60)], open: [alert(spoken)] }, { recoverAt: null }).recover).toEqual([
      7,
    ])
  })

  it('what was over before the window was is forgotten', () => {
    expect(judge({ readings: [reading(50)], open: [alert()] })).toEqual({ ...nothing, forget: [7] })
  })

  it('is over for what is no longer measured, and for all when it is switched off', () => {
    expect(judge({ open: [alert(spoken)] }).recover).toEqual([7])
    expect(judge({ readings: [reading(99)], open: [alert(spoken)] }, { enabled: false }).recover).toEqual([7])
  })

  it('looks only at what it is meant for', () => {
    const readings = [reading(99, 'ITEM'), reading(99, 'CUSTOMER')]
    expect(judge({ readings }, { mappingName: 'CUSTOMER' }).open).toMatchObject([
      { reading: { mappingName: 'CUSTOMER' } },
    ])
    expect(judge({ readings }, { pairName: 'other' }).open).toEqual([])
  })

  it('tells nobody in maintenance, and afterwards what still speaks', () => {
    const facts = { readings: [reading(70)], open: [alert({ firedAt: minutesAgo(1) })] }
    expect(judge({ ...facts, silences: [silence()] }).tell).toEqual([])
    expect(
      judge({ readings: [reading(70)], silences: [silence()] }, { windowMinutes: 0 }).open,
    ).toMatchObject([{ isFired: true, isTold: false }])
    for (const ended of [
      silence({ until: minutesAgo(0) }),
      silence({ ruleName: 'another' }),
      silence({ mappingName: 'CUSTOMER' }),
    ])
      expect(judge({ ...facts, silences: [ended] }).tell).toEqual([7])
  })
})

describe('a message about alerts', () => {
  it('puts the worst first, in words and for programs', () => {
    const told = [
      { rule: rule(), alert: alert() },
      {
        rule: rule({ name: 'stuck', metric: 'queue-wait', severity: 'critical', threshold: 300 }),
        alert: alert({ subject: 'queue couplet-lines', pairName: null, mappingName: null, value: 301 }),
      },
    ]
    const message = composeMessage('fired', told)
    expect(message.title).toBe('[Couplet] critical: 2 alerts')
    expect(message.text.split('\n')).toEqual([
      'queue couplet-lines: 301 seconds that the oldest job has been waiting for a worker, more than 300 (critical, rule stuck, since 2026-05-01 11:49 UTC)',
      'mapping ITEM of test: 70 minutes since the last synchronization that went well began, more than 60 (warning, rule late, since 2026-05-01 11:49 UTC)',
    ])
    expect(message.alerts[1]).toMatchObject({ rule: 'late', unit: 'minutes', mapping: 'ITEM', threshold: 60 })
    expect(composeMessage('recovered', told.slice(0, 1)).title).toBe('[Couplet] recovered: late')
  })
})
