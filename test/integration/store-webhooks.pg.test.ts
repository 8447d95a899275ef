import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DueMessage, NewEndpoint } from '../../src/core/ports/webhook-store.ts'
import type { AttemptVerdict } from '../../src/core/webhooks/judge-attempt.ts'
import { type Care, createCare } from '../../src/store/care.ts'
import { waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { givenWorkplace, issueWrite, type Workplace } from '../support/store-fixtures.ts'

let opened: TestStore
let care: Care
let place: Workplace
const changed = { by: 'test', reason: 'a test' }
const nobody = { endpoints: [], origins: [] } as const
const webhooks = () => care.webhooks
const sql = async (text: string) => (await opened.pool.query(text)).rows
const endpoint = (name: string, more: Partial<NewEndpoint> = {}) =>
  webhooks()
    .save(
      {
        name,
        url: 'https://example.com/hook',
        events: ['issue.opened', 'issue.closed', 'conflict.opened', 'run.finished'],
        pairName: null,
        mappingNames: [],
        ...more,
      },
      'sealed',
      changed,
    )
    .then((saved) => saved.endpoint)
const open = (...keys: string[]) =>
  place.commit({ openIssues: keys.map((key) => issueWrite(place.jobId, key)) })
const take = (each = 10) => webhooks().takeDue({ each, holdMs: 60_000, busy: nobody })
const told = async () =>
  (await sql(`select type, data from couplet.webhook_event order by at`)).map(({ type, data }) => [
    type,
    data.count,
  ])
const failed = { status: 500, code: null, retryAfterMs: null } as const
const record = (
  message: DueMessage | undefined,
  next: AttemptVerdict['next'],
  disables: AttemptVerdict['disables'] = null,
) => {
  if (message === undefined) throw new Error('No message')
  const result = next === 'delivered' ? { ...failed, status: 200 } : failed
  return webhooks().recordAttempt(message, { result, ms: 1.6 }, { next, disables })
}

beforeAll(async () => {
  opened = await openTestStore()
  care = createCare(opened.pool)
})
afterAll(() => opened.close())
beforeEach(async () => {
  place = await givenWorkplace(opened.store)
})
afterEach(() => sql('truncate couplet.webhook_endpoint, couplet.webhook_event cascade'))

describe('a page that changes issues', () => {
  it('tells nothing where nobody wants to know, or only of something else', async () => {
    await open('A')
    await endpoint('runs', { events: ['run.finished'] })
    await endpoint('elsewhere', { pairName: 'another pair' })
    await endpoint('others', { mappingNames: ['OTHER'] })
    await endpoint('off')
    await webhooks().setEnabled('off', false, changed)
    await open('B')
    expect(await told()).toEqual([])
  })

  it('tells in one event what is new, each of those who want to know, and nothing of what is met again', async () => {
    await endpoint('all')
    await endpoint('here', { pairName: place.pair.name, mappingNames: [place.mapping.definition.name] })
    await open('A', 'B')
    await open('A', 'B')
    expect(await told()).toEqual([['issue.opened', 2]])
    expect(await take()).toHaveLength(2)
    await place.commit({
      openIssues: [issueWrite(place.jobId, 'C')],
      closeIssues: [{ direction: 'to', key: 'text:A' }],
    })
    expect(await told()).toEqual([
      ['issue.opened', 2],
      ['issue.opened', 1],
      ['issue.closed', 1],
    ])
  })

  it('holds no value of a record, and no message', async () => {
    await endpoint('all')
    await place.commit({
      openIssues: [issueWrite(place.jobId, 'A', { value: 'secret value', message: 'secret message' })],
    })
    expect(JSON.stringify(await sql('select * from couplet.webhook_event'))).not.toContain('secret')
  })

  it('says of a conflict that turns to its other direction neither that it is over nor that it is new', async () => {
    await endpoint('all')
    const conflict = issueWrite(place.jobId, 'L', {
      kind: 'conflict',
      code: 'CONFLICT_BOTH_CHANGED',
      partnerKey: 'text:R',
    })
    await place.commit({ openIssues: [conflict] })
    await place.commit({ closeIssues: [{ direction: 'to', key: 'text:L' }] })
    expect(await sql('select direction, key from couplet.issue where key = $$text:R$$')).toEqual([
      { direction: 'from', key: 'text:R' },
    ])
    expect(await told()).toEqual([['conflict.opened', 1]])
    await place.commit({ closeIssues: [{ direction: 'from', key: 'text:R' }] })
    expect((await told()).map(([type]) => type)).toEqual(['conflict.opened'])
  })

  it('that is not committed has told nothing: neither is there without the other', async () => {
    await endpoint('all')
    const stale = { ...place.fence, tokens: [] }
    await sql(`update couplet.lease set token = token + 1`)
    await expect(place.commit({ openIssues: [issueWrite(place.jobId, 'A')] }, stale)).rejects.toThrow()
    await expect(open('A')).rejects.toThrow()
    expect(await told()).toEqual([])
  })
})

describe('a receiver that is being removed', () => {
  const during = async (change: string, work: () => Promise<unknown>) => {
    const client = await opened.pool.connect()
    try {
      await client.query(`begin; ${change}`)
      await work()
    } finally {
      await client.query('commit')
      client.release()
    }
  }

  it('is not told by a page, which neither waits for it nor fails; one that is changed is', async () => {
    await endpoint('leaving')
    await endpoint('staying')
    await during(`delete from couplet.webhook_endpoint where name = 'leaving'`, () =>
      during(`update couplet.webhook_endpoint set failing_since = now() where name = 'staying'`, () =>
        open('A'),
      ),
    )
    expect((await take()).map(({ target }) => target.kind === 'endpoint' && target.name)).toEqual(['staying'])
  })

  it('goes with all that is owed to it, though somebody tells it something at the same time', async () => {
    await endpoint('all')
    await open('A')
    const client = await opened.pool.connect()
    await client.query('begin; select from couplet.webhook_endpoint for key share')
    const removal = webhooks().remove('all', changed)
    await waitFor('what was owed to be gone', async () => {
      return (await sql('select from couplet.webhook_delivery')).length === 0
    })
    expect(await webhooks().find('all')).toMatchObject({
      enabled: false,
      disabledReason: 'Being removed by test',
    })
    await client.query('commit')
    client.release()
    expect(await removal).toBe(true)
    expect(await webhooks().list()).toEqual([])
    expect(await webhooks().remove('all', changed)).toBe(false)
  })
})

describe('a run', () => {
  it('tells once how it has ended, and again when it has been retried', async () => {
    await endpoint('all')
    const error = { code: 'TABLE_NOT_FOUND', message: 'words with secret values' }
    const { runs } = opened.store
    await runs.failRun(place.runId, error)
    await runs.failRun(place.runId, error)
    await runs.finishRunIfDone(place.runId)
    const [event, ...more] = await sql('select type, data from couplet.webhook_event')
    expect(more).toEqual([])
    expect(event).toMatchObject({
      type: 'run.finished',
      data: {
        pair: place.pair.name,
        run: {
          id: place.runId,
          state: 'failed',
          errorCode: 'TABLE_NOT_FOUND',
          mappings: [place.mapping.definition.name],
        },
        counters: { read: 0 },
      },
    })
    expect(JSON.stringify(event)).not.toContain('secret')
    await runs.retryLines(place.runId, null, changed)
    await runs.cancelRun(place.runId, changed)
    const states = await sql(
      `select data -> 'run' ->> 'state' as state from couplet.webhook_event order by at`,
    )
    expect(states.map(({ state }) => state)).toEqual(['failed', 'cancelled'])
  })
})

describe('messages that are due', () => {
  it('are taken by one of two who ask at once, and again by anyone after the time', async () => {
    await endpoint('all')
    for (const key of 'ABCDEFGH') await open(key)
    const [mine, theirs] = await Promise.all([take(), take()])
    const ids = [...mine, ...theirs].map(({ id }) => id)
    expect(new Set(ids).size).toBe(8)
    expect(ids).toHaveLength(8)
    expect(await take()).toEqual([])
    await sql(`update couplet.webhook_delivery set next_attempt_at = now()`)
    expect((await take()).map(({ attempt, tries }) => [attempt, tries])).toEqual(Array(8).fill([2, 2]))
  })

  it('of one receiver do not hide those of others, and who is busy is left alone', async () => {
    const slow = await endpoint('slow')
    for (const key of 'ABCDEF') await open(key)
    await endpoint('quick')
    await open('G')
    const first = await take(3)
    expect(first.map(({ target }) => target.kind === 'endpoint' && target.name).sort()).toEqual([
      'quick',
      'slow',
      'slow',
      'slow',
    ])
    const busy = { endpoints: [slow.id], origins: [] }
    expect(await webhooks().takeDue({ each: 3, holdMs: 60_000, busy })).toEqual([])
    expect(await take(10)).toHaveLength(4)
  })

  it('wait while their receiver is off, and go on when it is on again', async () => {
    await endpoint('all')
    await open('A')
    await webhooks().setEnabled('all', false, changed)
    await open('B')
    expect(await take()).toEqual([])
    await webhooks().setEnabled('all', true, changed)
    expect(await take()).toHaveLength(1)
  })

  it('are sent as soon as their receiver is on again, with all their days; one under way is not sent beside', async () => {
    await endpoint('all')
    await open('A')
    await open('B')
    const [first, underWay] = await take()
    await record(first, { inMs: 3_600_000 })
    await sql(`update couplet.webhook_delivery set due_since = due_since - interval '9 days'`)
    await webhooks().setEnabled('all', false, changed)
    await webhooks().setEnabled('all', true, changed)
    const again = await take()
    expect(again).toMatchObject([{ id: first?.id, attempt: 2, tries: 1 }])
    expect(again[0]?.owedMs).toBeLessThan(86_400_000)
    expect((await webhooks().findDelivery(underWay?.id ?? 0))?.delivery.attempts).toBe(1)
  })
})

describe('what came of an attempt', () => {
  const stateOf = async (id: number) => (await webhooks().findDelivery(id))?.delivery
  it('stands with the delivery, each attempt by itself', async () => {
    await endpoint('all')
    await open('A')
    const [message] = await take()
    await record(message, { inMs: 0 })
    const [again] = await take()
    await record(again, 'delivered')
    const found = await webhooks().findDelivery(message?.id ?? 0)
    expect(found?.delivery).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 200 })
    expect(found?.attempts).toMatchObject([
      { attempt: 1, status: 500, ms: 2 },
      { attempt: 2, status: 200 },
    ])
    expect(await take()).toEqual([])
  })

  it('of a sender that was frozen puts nothing off that another one has taken; what it has delivered is delivered', async () => {
    await endpoint('all')
    await open('A')
    const [frozen] = await take()
    await sql(`update couplet.webhook_delivery set next_attempt_at = now()`)
    const [second] = await take()
    await record(frozen, 'failed')
    expect(await stateOf(frozen?.id ?? 0)).toMatchObject({ state: 'due' })
    await record(second, 'failed')
    expect(await stateOf(frozen?.id ?? 0)).toMatchObject({ state: 'failed' })
    await sql(`update couplet.webhook_delivery set state = 'due', next_attempt_at = now()`)
    const [third] = await take()
    await sql(`update couplet.webhook_delivery set next_attempt_at = now()`)
    const [fourth] = await take()
    await record(third, 'delivered')
    await record(fourth, { inMs: 0 })
    expect(await stateOf(frozen?.id ?? 0)).toMatchObject({ state: 'delivered' })
  })

  it('says since when nothing reaches a receiver, until something does; a test says nothing', async () => {
    const { id } = await endpoint('all')
    const test = await webhooks().takeTest({ id, name: 'all' }, 60_000)
    await record(test, 'failed')
    expect((await webhooks().find('all'))?.failingSince).toBeNull()
    await open('A')
    await record((await take())[0], { inMs: 0 })
    const since = (await webhooks().find('all'))?.failingSince
    expect(since).toMatch(/^20/)
    const [again] = await take()
    expect(again?.failingMs).toBeGreaterThanOrEqual(0)
    await record(again, { inMs: 0 })
    expect((await webhooks().find('all'))?.failingSince).toBe(since)
    await record((await take())[0], 'delivered')
    expect((await webhooks().find('all'))?.failingSince).toBeNull()
  })

  it('disables a receiver once, with an entry in the audit log', async () => {
    await endpoint('gone')
    await open('A')
    await open('B')
    const [first, second] = await take()
    const gone = { reason: 'It has answered 410 Gone', failingMs: 0 }
    expect(await record(first, 'failed', gone)).toBe(true)
    expect(await record(second, 'failed', gone)).toBe(false)
    expect(await webhooks().find('gone')).toMatchObject({
      enabled: false,
      disabledReason: 'It has answered 410 Gone',
    })
    const entries = await opened.store.access.listAudit({ subject: 'webhook gone', limit: 5, before: null })
    expect(entries.map(({ action }) => action)).toEqual(['webhook.disable', 'webhook.save'])
  })

  it('disables nobody who has been reached meanwhile, and keeps no failure beyond the last message that is tried again', async () => {
    await endpoint('all')
    for (const key of 'ABC') await open(key)
    const [late, good, last] = await take()
    const since = async () => (await webhooks().find('all'))?.failingSince
    const days = { reason: 'Nothing has reached it for 3 days', failingMs: 3 * 86_400_000 }
    await record(good, { inMs: 0 })
    await sql(`update couplet.webhook_endpoint set failing_since = now() - interval '3 days'`)
    await record((await take())[0], 'delivered')
    expect(await record(late, 'failed', days)).toBe(false)
    expect(await since()).not.toBeNull()
    await record(last, 'failed')
    expect(await since()).toBeNull()
    expect((await webhooks().find('all'))?.enabled).toBe(true)
    await open('D')
    const [again] = await take()
    await record(again, { inMs: 0 })
    await sql(`update couplet.webhook_endpoint set failing_since = now() - interval '3 days'`)
    expect(await record((await take())[0], 'failed', days)).toBe(true)
  })

  it('says nothing of another address', async () => {
    await endpoint('all')
    await open('A')
    await record((await take())[0], { inMs: 0 })
    expect((await endpoint('all')).failingSince).not.toBeNull()
    expect((await endpoint('all', { url: 'https://example.com/other' })).failingSince).toBeNull()
  })

  it('is nothing where the receiver was removed meanwhile', async () => {
    await endpoint('all')
    await open('A')
    const [message] = await take()
    await webhooks().remove('all', changed)
    expect(await record(message, { inMs: 0 }, { reason: 'too late', failingMs: 0 })).toBe(false)
  })
})

describe('a replay', () => {
  it('owes anew what has failed since a time, or one delivery whatever became of it, with the same id', async () => {
    await endpoint('all')
    await open('A')
    await open('B')
    const [first, second] = await take()
    await record(first, 'failed')
    await record(second, 'delivered')
    expect(await webhooks().replay({ webhook: 'all', since: '2999-01-01T00:00:00Z' }, changed)).toBe(0)
    expect(await webhooks().replay({ webhook: 'all', since: '2020-01-01T00:00:00Z' }, changed)).toBe(1)
    expect(await webhooks().replay({ deliveryId: second?.id ?? 0 }, changed)).toBe(1)
    const again = await take()
    expect(again.map(({ event }) => event.id).sort()).toEqual([first?.event.id, second?.event.id].sort())
    expect(again.map(({ attempt, tries }) => [attempt, tries])).toEqual([
      [2, 1],
      [2, 1],
    ])
  })

  it('does not send beside the attempt that is under way', async () => {
    await endpoint('all')
    await open('A')
    const [message] = await take()
    const what = { deliveryId: message?.id ?? 0 }
    expect(await webhooks().replay(what, changed)).toBe(0)
    await record(message, { inMs: 3_600_000 })
    expect(await webhooks().replay(what, changed)).toBe(1)
    expect(await take()).toHaveLength(1)
  })
})

describe('events', () => {
  it('go when they are old enough, with their deliveries; what was asked for again stays', async () => {
    await endpoint('all')
    await open('A')
    await open('B')
    const [message] = await take()
    await record(message, 'failed')
    await sql(`update couplet.webhook_event set at = at - interval '31 days'`)
    await sql(`update couplet.webhook_delivery set due_since = due_since - interval '31 days'`)
    await webhooks().replay({ deliveryId: message?.id ?? 0 }, changed)
    expect(await care.retention.removeOld('webhook events', 30, new AbortController().signal)).toBe(1)
    expect((await webhooks().listDeliveries({ limit: 10, before: null })).map(({ id }) => id)).toEqual([
      message?.id,
    ])
    await record((await take())[0], 'delivered')
    expect(await care.retention.removeOld('webhook events', 30, new AbortController().signal)).toBe(1)
    expect(await sql('select from couplet.webhook_attempt')).toEqual([])
  })
})
