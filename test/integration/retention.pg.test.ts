import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AgingKind, agingKinds } from '../../src/core/ports/retention-store.ts'
import type { Log } from '../../src/core/ports/runtime.ts'
import { type Care, createCare } from '../../src/store/care.ts'
import { verifyAudit } from '../../src/usecases/access/verify-audit.ts'
import { applyRetention } from '../../src/usecases/retention/apply-retention.ts'
import { letDaysPass } from '../support/move-time.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import {
  givenPair,
  givenWorkplace,
  newLine,
  newRun,
  outcome,
  type Workplace,
} from '../support/store-fixtures.ts'

let opened: TestStore
let care: Care
beforeAll(async () => {
  opened = await openTestStore()
  care = createCare(opened.pool)
})
afterAll(() => opened.close())

const sql = (text: string, values: readonly unknown[] = []) => opened.pool.query(text, [...values])
const never = new AbortController().signal
const count = async (table: string) => (await sql(`select from couplet.${table}`)).rowCount
async function remove(kind: AgingKind, days: number): Promise<number> {
  let removed = 0
  for (let part = -1; part !== 0; removed += part) part = await care.retention.removeOld(kind, days, never)
  return removed
}

describe('runs that ended long ago', () => {
  let place: Workplace
  beforeEach(async () => {
    place = await givenWorkplace(opened.store)
    await end(place.runId)
  })

  const end = async (runId: number) => {
    await sql(`update couplet.run set state = 'succeeded', finished_at = now() where id = $1`, [runId])
    await sql(`update couplet.line set state = 'finished' where run_id = $1`, [runId])
    await sql(`update couplet.job set state = 'cancelled', finished_at = now() where run_id = $1`, [runId])
  }
  const isThere = async () =>
    ((await sql('select from couplet.run where id = $1', [place.runId])).rowCount ?? 0) > 0
  const pass = async (days: number) => {
    await letDaysPass(opened.pool, days)
    await remove('runs', 90)
  }

  it('go with lines, jobs and all that belongs to them, on the day they are too old', async () => {
    await sql(
      `insert into couplet.match_finding (job_id, key, verdict, candidates, candidate_count, rivals) values ($1, 'text:A', 'none', '{}', 0, 0)`,
      [place.jobId],
    )
    await sql(
      `insert into couplet.end_question (run_id, pair_id, state, mappings, expires_at) values ($1, $2, 'expired', '[]', now())`,
      [place.runId, place.pair.id],
    )
    await pass(89)
    expect(await isThere()).toBe(true)
    await pass(1)
    expect(await isThere()).toBe(false)
    for (const table of ['line', 'job', 'match_finding', 'end_question'])
      expect(await count(table), table).toBe(0)
  })

  const needs: Record<string, (place: Workplace) => Promise<unknown>> = {
    'not ended': ({ runId }) =>
      sql(`update couplet.run set state = 'running', finished_at = null where id = $1`, [runId]),
    'of which the ledger tells': (at) => at.commit({ outcomes: [outcome(at.jobId, 'A')] }),
    'that an issue names': ({ jobId, mapping, pair }) =>
      sql(
        `insert into couplet.issue (pair_id, mapping_id, direction, key, kind, code, error_kind, message, conflicts, create_missing, job_id, first_at, last_at)
         values ($1, $2, 'to', 'text:A', 'failed', 'DELETION_HELD', 'permanent', 'm', '[]', false, $3, now(), now())`,
        [pair.id, mapping.id, jobId],
      ),
    'with a page under way': ({ jobId, mapping, pair }) =>
      sql(
        `insert into couplet.page_intent (pair_id, mapping_id, direction, job_id, token, writes, deadline_at) values ($1, $2, 'to', $3, 1, '[]', now())`,
        [pair.id, mapping.id, jobId],
      ),
    'that a request waits for': ({ jobId, mapping, pair }) =>
      sql(
        `insert into couplet.inbox (pair_id, mapping_id, direction, key, job_ids, force, create_missing) values ($1, $2, 'to', 'text:A', $3, false, false)`,
        [pair.id, mapping.id, [jobId]],
      ),
    'that a coupling had its last result from': ({ jobId, mapping, pair }) =>
      sql(
        `insert into couplet.coupling (pair_id, mapping_id, local_group, remote_group, local_key, remote_key, local_reference, remote_reference,
           local_base, remote_base, refs, mapping_version, generation, last_from_job_id)
         values ($1, $2, $4, $4, 'text:A', 'text:A', 'A', 'A', '{}', '{}', '{}', 1, 1, $3)`,
        [pair.id, mapping.id, jobId, `group ${mapping.id}`],
      ),
    'that set a watermark': ({ runId, mapping }) =>
      sql('update couplet.table_mapping set remote_watermark_run = $1 where id = $2', [runId, mapping.id]),
    'with an open question': ({ runId, pair }) =>
      sql(
        `insert into couplet.end_question (run_id, pair_id, mappings, expires_at) values ($1, $2, '[]', now())`,
        [runId, pair.id],
      ),
    'that brought its mapping up to date last': ({ jobId }) =>
      sql(`update couplet.job set state = 'succeeded' where id = $1`, [jobId]),
    'that is the last of a schedule': ({ runId, pair }) =>
      sql(
        `with s as (insert into couplet.schedule (pair_id, name, kind, every_minutes, enabled) values ($2, 's', 'modified', 5, true) returning id)
         update couplet.run set schedule_id = s.id from s where run.id = $1`,
        [runId, pair.id],
      ),
  }

  it.each(Object.entries(needs))('stay as long as anything needs them: %s', async (_what, need) => {
    await need(place)
    await pass(1_000)
    expect(await isThere()).toBe(true)
  })

  it('are nothing that foreign keys lead to, but from where they are known to', async () => {
    const { rows } = await sql(
      `select relname as name from pg_constraint join pg_class c on c.oid = conrelid
       where contype = 'f' and confrelid in ('couplet.run'::regclass, 'couplet.line'::regclass, 'couplet.job'::regclass) order by 1`,
    )
    // A new one: does a run stay for it (findRemovable), or does it go with the run (tablesOfJobs, tablesOfRuns)?
    expect([...new Set(rows.map(({ name }) => name))]).toEqual([
      'end_question',
      'job',
      'joined_request',
      'line',
      'match_finding',
      'page_intent',
      'preview_cost',
      'preview_coupling',
      'preview_finding',
      'preview_request',
      'preview_suspect',
      'table_mapping',
    ])
  })

  it('make room for their idempotency key; two removals at once take each run once', async () => {
    const request = newRun(place.pair, [newLine(place.mapping)], { idempotencyKey: 'k', payloadHash: 'h' })
    const first = await opened.store.runs.createRun(request)
    expect((await opened.store.runs.createRun(request)).created).toBe(false)
    await end(first.run.id)
    await letDaysPass(opened.pool, 100)
    const before = await count('run')
    const removed = await Promise.all([1, 2].map(() => care.retention.removeOld('runs', 90, never)))
    expect((await count('run')) ?? 0).toBe((before ?? 0) - removed.reduce((sum, each) => sum + each))
    const again = await opened.store.runs.createRun(request)
    expect(again.created).toBe(true)
    expect(again.run.id).not.toBe(first.run.id)
  })

  it('go no further once it is to stop', async () => {
    await letDaysPass(opened.pool, 100)
    expect(await care.retention.removeOld('runs', 90, AbortSignal.abort())).toBe(0)
    expect(await isThere()).toBe(true)
  })

  it('previews have days of their own', async () => {
    const options = { ...newRun(place.pair, []).options, dryRun: true }
    const { run } = await opened.store.runs.createRun(
      newRun(place.pair, [newLine(place.mapping)], { options }),
    )
    const { jobs } = await opened.store.runs.getRun(run.id)
    await sql(
      `insert into couplet.preview_finding (job_id, kind, code, field, records, samples) values ($1, 'inserted', '', '', 1, '[]')`,
      [jobs[0]?.id],
    )
    await end(run.id)
    await letDaysPass(opened.pool, 30)
    expect(await remove('previews', 30)).toBe(1)
    expect(await count('preview_finding')).toBe(0)
    expect(await isThere()).toBe(true)
  })
})

describe('the audit log', () => {
  const append = (subject: string) =>
    opened.store.operations.appendAudit({ actor: 'a', action: 'b', subject })
  const verify = (expected: string | null = null, isRetentionOn = true) =>
    verifyAudit({ expected, isRetentionOn }, { stores: opened.store })
  const tamper = (statement: string) =>
    sql(`begin; set local session_replication_role = replica; ${statement}; commit`)

  it('shrinks, and what is left can still be proven, again and again', async () => {
    const { good: before } = await verify()
    for (const subject of ['first', 'second', 'third']) {
      await append(subject)
      await letDaysPass(opened.pool, 10)
    }
    expect(await remove('audit', 25)).toBe(before.entries + 1)
    const after = await verify()
    expect(after).toMatchObject({ removed: { entries: before.entries + 1 }, broken: null })
    expect(after.good.entries).toBe(before.entries + 4)
    expect(await remove('audit', 15)).toBe(1)
    expect(await verify(after.good.hash)).toMatchObject({
      removed: { entries: before.entries + 2 },
      broken: null,
    })
    const { removed } = await verify()
    expect((await verify(removed.hash)).broken).toBeNull()
    expect((await verify(after.removed.hash)).broken?.reason).toMatch(/retention removed/)
    // Where nothing may be removed, only somebody who has noted down what is left knows better.
    expect((await verify(null, false)).broken?.reason).toMatch(/missing here/)
    expect((await verify(removed.hash, false)).broken).toBeNull()
    const [cut] = await opened.store.access.listAudit({ limit: 1, before: null })
    expect(cut).toMatchObject({
      actor: 'retention',
      action: 'audit.retention',
      detail: { through: removed.entries },
    })
  })

  it('shows what is missing beyond that: removed by hand, or covered by an entry that only claims so', async () => {
    await append('one more')
    const { good } = await verify()
    await opened.store.operations.appendAudit({
      actor: 'retention',
      action: 'audit.retention',
      subject: 'audit log',
      detail: { through: good.entries, hash: good.hash },
    })
    // Nothing of that was removed: the claim is not believed.
    expect((await verify()).broken?.reason).toMatch(/missing here/)
    await tamper(`delete from couplet.audit_log where action = 'audit.retention' and number = (select max(number) from couplet.audit_log);
      update couplet.audit_chain set entries = ${good.entries}, hash = '${good.hash}'`)
    expect((await verify()).broken).toBeNull()
    await tamper('delete from couplet.audit_log where number = (select min(number) from couplet.audit_log)')
    expect((await verify()).broken?.reason).toMatch(/missing here/)
    expect((await verify('f'.repeat(64))).broken).not.toBeNull()
  })

  it('cannot be removed or changed by a statement', async () => {
    await expect(sql('delete from couplet.audit_log')).rejects.toThrow(/append-only/)
    await expect(sql(`update couplet.audit_log set actor = 'x'`)).rejects.toThrow(/append-only/)
  })
})

describe('keys, alerts and silences', () => {
  it('go once they have been over for long enough; what is in use stays', async () => {
    await sql(`
      insert into couplet.api_key (name, hash, expires_at, revoked_at) values
        ('used', '1', null, null), ('valid', '2', now() + interval '1 day', null),
        ('revoked', '3', now() + interval '1 day', now() - interval '11 days'), ('expired', '4', now() - interval '11 days', null),
        ('lately', '5', now() - interval '9 days', null)`)
    expect(await remove('keys', 10)).toBe(2)
    const { rows } = await sql('select name from couplet.api_key order by hash')
    expect(rows.map(({ name }) => name)).toEqual(['used', 'valid', 'lately'])
    await sql(`
      insert into couplet.alert_channel (name, kind, target) values ('c', 'slack', 'env:X');
      insert into couplet.alert (rule_id, subject, value, recovered_at)
        select id, 's' || n, 1, case n when 1 then null else now() - interval '8 days' * n end
        from (select min(id) as id from couplet.alert_rule) r, generate_series(0, 2) n;
      insert into couplet.alert_delivery (alert_id, channel_id, event) select a.id, c.id, 'fired' from couplet.alert a, couplet.alert_channel c;
      insert into couplet.alert_silence (until, reason, created_by) values (now() - interval '11 days', '', ''), (now(), '', '')`)
    expect(await remove('alerts', 10)).toBe(2)
    for (const [table, left] of [
      ['alert', 2],
      ['alert_delivery', 2],
      ['alert_silence', 1],
    ] as const)
      expect(await count(table), table).toBe(left)
  })
})

describe('a round', () => {
  const keep = {
    outcomes: 90,
    'match lists': 90,
    operations: 90,
    previews: 30,
    runs: 90,
    alerts: 365,
    'webhook events': 30,
    keys: 365,
    audit: null,
  }
  const lines: object[] = []
  const note = (facts: unknown) => void lines.push(Object(facts))
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log }
  const round = (more: object = {}) =>
    applyRetention({ retention: { ...care.retention, ...more }, keep, log }, new AbortController().signal)

  it('that is cut off is not noted as one that was looked through', async () => {
    const stop = new AbortController()
    const removeOld = async () => {
      stop.abort()
      return 0
    }
    await applyRetention({ retention: { ...care.retention, removeOld }, keep, log }, stop.signal)
    expect(await care.retention.listRounds()).toEqual([])
  })

  it('notes what it has removed of each kind, and goes on where one fails', async () => {
    await givenPair(opened.store)
    const removeOld = (kind: AgingKind, days: number) => {
      if (kind === 'previews') throw new Error('not now')
      return care.retention.removeOld(kind, days, never)
    }
    await round({ removeOld })
    const noted = (await care.retention.listRounds()).map(({ kind }) => kind)
    expect(noted.sort()).toEqual(agingKinds.filter((kind) => kind !== 'previews' && kind !== 'audit').sort())
    expect(lines).toContainEqual(expect.objectContaining({ kind: 'previews' }))
    await round()
    const rounds = await care.retention.listRounds()
    expect(rounds).toHaveLength(agingKinds.length - 1)
    expect(
      rounds.every(({ secondsAgo, removedInAll, removed }) => secondsAgo < 60 && removedInAll >= removed),
    ).toBe(true)
  })
})
