import type { PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AlertReading, AlertRule } from '../../src/core/alerts/rule.ts'
import type { AlertStore } from '../../src/core/ports/alert-store.ts'
import { createCare } from '../../src/store/care.ts'
import { waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { unique } from '../support/store-fixtures.ts'

/**
 * A rule begins to speak while a channel is saved. Each of the two transactions is stopped at its end by a lock of ours, so
 * that both are open at the same time on two real connections: neither sees what the other has written.
 */
describe('a channel that is saved while an alert is told', () => {
  let opened: TestStore
  let alerts: AlertStore
  let gate: PoolClient
  beforeAll(async () => {
    opened = await openTestStore()
    alerts = createCare(opened.pool).alerts
    await opened.pool.query(`
      create function couplet.gate() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$;
      create constraint trigger gate after insert on couplet.alert deferrable initially deferred
        for each row execute function couplet.gate();
      create constraint trigger gate after insert or update on couplet.alert_rule deferrable initially deferred
        for each row execute function couplet.gate();
      create constraint trigger gate after insert on couplet.alert_channel deferrable initially deferred
        for each row execute function couplet.gate()`)
  })
  afterAll(() => opened.close())

  const changed = { by: 'test', reason: null }
  let rule: AlertRule
  let name: string
  beforeEach(async () => {
    await opened.pool.query('delete from couplet.alert_rule; delete from couplet.alert_channel')
    name = unique('channel')
    await saveChannel('others')
    rule = await saveRule(['others', name])
    gate = await opened.pool.connect()
  })
  afterEach(() => gate.release(true))

  const saveRule = (channels: readonly string[]) =>
    alerts.saveRule(
      {
        name: 'late',
        metric: 'mapping-age',
        pairName: null,
        mappingName: null,
        windowMinutes: 0,
        threshold: 60,
        recoverAt: null,
        severity: 'warning',
        channels,
        action: 'none',
        enabled: true,
      },
      changed,
    )
  const saveChannel = (channel: string) =>
    alerts.saveChannel({ name: channel, kind: 'webhook', target: 'env:NOWHERE' }, changed)
  const speak = () => {
    const reading: AlertReading = { subject: 'x', pairName: null, mappingName: null, value: 61 }
    const nothing = { keep: [], fire: [], tell: [], recover: [], forget: [] }
    return alerts.applyPlan(rule, { ...nothing, open: [{ reading, isFired: true, isTold: true }] })
  }
  /** Both are under way before either may end. */
  const together = async (one: () => Promise<unknown>, other: () => Promise<unknown>) => {
    await gate.query('begin; select pg_advisory_xact_lock(4711)')
    const first = one()
    await waitFor('the first', async () => (await countWaiters()) === 1)
    const second = other()
    await waitFor('the second', async () => (await countWaiters()) === 2)
    await gate.query('commit')
    await Promise.all([first, second])
  }
  const countWaiters = async () => {
    const { rows } = await opened.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    )
    return rows.length
  }
  const owed = async () => {
    const { rows } = await opened.pool.query<{ name: string; event: string }>(
      'select c.name, d.event from couplet.alert_delivery d join couplet.alert_channel c on c.id = d.channel_id',
    )
    return rows.map(({ name: channel, event }) => `${channel}: ${event}`).sort()
  }
  const bothHear = () => [`${name}: fired`, 'others: fired'].sort()

  it('hears of it once when the alert comes first', async () => {
    await together(speak, () => saveChannel(name))
    expect(await owed()).toEqual(bothHear())
  })

  it('hears of it once when the channel comes first', async () => {
    await together(() => saveChannel(name), speak)
    expect(await owed()).toEqual(bothHear())
  })

  it('hears of what is open once when two save it', async () => {
    await speak()
    await together(
      () => saveChannel(name),
      () => saveChannel(name),
    )
    expect(await owed()).toEqual(bothHear())
  })

  it('hears of what is open once when the rule begins to tell all channels at that moment', async () => {
    await saveRule(['others'])
    await speak()
    await together(
      () => saveRule([]),
      () => saveChannel(name),
    )
    expect(await owed()).toEqual(bothHear())
  })
})
