import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCare } from '../../src/store/care.ts'
import { waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { givenWorkplace, outcome, type Workplace } from '../support/store-fixtures.ts'

const never = new AbortController().signal

describe('what is append-only', () => {
  let opened: TestStore
  let place: Workplace
  beforeAll(async () => {
    opened = await openTestStore()
    place = await givenWorkplace(opened.store)
    await place.commit({ outcomes: [outcome(place.jobId, 'A')] })
  })
  afterAll(() => opened.close())

  it.each([
    'update couplet.outcome set message = null',
    'update couplet.outcome_default set message = null',
    'delete from couplet.outcome',
    'update couplet.audit_log set actor = null',
    'delete from couplet.audit_log',
    'update couplet.mapping_version set version = 2',
    'delete from couplet.mapping_version',
    'update couplet.field_mapping set enabled = false',
    'delete from couplet.field_mapping',
  ])('refuses: %s', async (statement) => {
    await expect(opened.pool.query(statement)).rejects.toMatchObject({
      code: '23001',
      message: expect.stringContaining('append-only'),
    })
  })

  it('a state that nobody knows is refused', async () => {
    for (const [table, column] of [
      ['run', 'state'],
      ['run', 'kind'],
      ['line', 'state'],
      ['job', 'state'],
    ] as const) {
      const update = opened.pool.query(`update couplet.${table} set ${column} = 'unheard of'`)
      await expect(update).rejects.toMatchObject({ code: '23514' })
    }
  })

  it('a coupling cannot belong to another pair than its mapping', async () => {
    const stranger = await givenWorkplace(opened.store)
    const move = opened.pool.query('update couplet.issue set pair_id = $1', [stranger.pair.id])
    await expect(move).resolves.toBeDefined()
    const commit = opened.store.sync.commitPage(place.fence, {
      mappingId: place.mapping.id,
      pairId: stranger.pair.id,
      couplings: [],
      uncouplings: [],
      requests: [],
      outcomes: [],
      seenCouplings: [],
      foundDeletions: [],
      settledDeletions: [],
      openIssues: [],
      closeIssues: [],
      metIssues: [],
      releases: [],
      counters: new Map(),
      checkpoint: null,
      watermark: { side: 'local', value: 'w', runId: place.runId },
      scannedGeneration: null,
      closeIntents: [],
      keepForLastLook: [],
      doneInbox: [],
    })
    await expect(commit).rejects.toThrow(/exists/)
  })
})

describe('partitions of the ledger', () => {
  let opened: TestStore
  const retention = () => createCare(opened.pool).retention
  const removeOutcomes = (days: number) => retention().removeOld('outcomes', days, never)
  let place: Workplace
  beforeEach(async () => {
    opened = await openTestStore()
    place = await givenWorkplace(opened.store)
    return () => opened.close()
  })

  const partitions = async () => {
    const { rows } = await opened.pool.query<{ name: string }>(
      `select 'couplet.' || relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
       where inhparent = 'couplet.outcome'::regclass order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  const countIn = async (table: string) => {
    const { rows } = await opened.pool.query<{ count: number }>(`select count(*)::int from ${table}`)
    return rows[0]?.count
  }
  const isWaiting = async (sessions: number) => {
    const { rowCount } = await opened.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    )
    return rowCount === sessions
  }
  const insertAt = (time: string) =>
    opened.pool.query(
      `insert into couplet.outcome (at, pair_id, mapping_id, job_id, direction, kind, recovered)
       values (now() + $1::interval, $2, $3, $4, 'to', 'failed', false)`,
      [time, place.pair.id, place.mapping.id, place.jobId],
    )

  it('are made for this month and the two after it, once', async () => {
    expect(await partitions()).toEqual(['couplet.outcome_default'])
    await removeOutcomes(90)
    const made = await partitions()
    expect(made).toHaveLength(4)
    await removeOutcomes(90)
    expect(await partitions()).toEqual(made)
    await place.commit({ outcomes: [outcome(place.jobId, 'A')] })
    expect(await countIn('couplet.outcome_default')).toBe(0)
    expect(await countIn('couplet.outcome')).toBe(1)
  })

  it('take over the rows that came before them, and stay append-only', async () => {
    await place.commit({ outcomes: [outcome(place.jobId, 'A'), outcome(place.jobId, 'B')] })
    await Promise.all([removeOutcomes(90), removeOutcomes(90)])
    expect(await countIn('couplet.outcome_default')).toBe(0)
    expect(await countIn('couplet.outcome')).toBe(2)
    const [month] = await partitions()
    await expect(opened.pool.query(`update ${month} set message = 'x'`)).rejects.toThrow(/append-only/)
    await expect(opened.pool.query(`delete from ${month}`)).rejects.toThrow(/append-only/)
  })

  it.each(['COMMIT', 'ROLLBACK'])(
    'are made while pages are committed, and neither of them fails (%s)',
    async (end) => {
      const page = await opened.pool.connect()
      await page.query('BEGIN')
      await page.query(
        `insert into couplet.outcome (pair_id, mapping_id, job_id, direction, kind, recovered)
       values ($1, $2, $3, 'to', 'failed', false)`,
        [place.pair.id, place.mapping.id, place.jobId],
      )
      const care = removeOutcomes(90)
      await waitFor('the care to wait for the page', () => isWaiting(1))
      const next = place.commit({ outcomes: [outcome(place.jobId, 'A')] })
      await waitFor('the next page to wait for the care', () => isWaiting(2))
      await page.query(end)
      page.release()
      await Promise.all([care, next])
      expect(await partitions()).toHaveLength(4)
      expect(await countIn('couplet.outcome_default')).toBe(0)
      expect(await countIn('couplet.outcome')).toBe(end === 'COMMIT' ? 2 : 1)
    },
  )

  it('are dropped when they are too old, and old rows without a partition go too', async () => {
    await removeOutcomes(90)
    await opened.pool.query(
      `create table couplet.outcome_2020_01 partition of couplet.outcome
       for values from ('2020-01-01T00:00Z') to ('2020-02-01T00:00Z')`,
    )
    await insertAt('0 days')
    await insertAt('-40 days')
    await insertAt('-100 days')
    await removeOutcomes(90)
    expect(await partitions()).not.toContain('couplet.outcome_2020_01')
    expect(await countIn('couplet.outcome')).toBe(2)
    await removeOutcomes(30)
    expect(await countIn('couplet.outcome')).toBe(1)
  })

  it('hold up no page for longer than a moment while the database is dumped, and are kept until the next round', async () => {
    await removeOutcomes(90)
    await opened.pool.query(
      `create table couplet.outcome_2020_01 partition of couplet.outcome
       for values from ('2020-01-01T00:00Z') to ('2020-02-01T00:00Z')`,
    )
    const dump = await opened.pool.connect()
    await dump.query('BEGIN')
    await dump.query('LOCK TABLE couplet.outcome, couplet.outcome_2020_01 IN ACCESS SHARE MODE')
    const care = expect(removeOutcomes(90)).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED' })
    await waitFor('the care to wait for the dump', () => isWaiting(1))
    await place.commit({ outcomes: [outcome(place.jobId, 'A')] })
    await care
    await dump.query('ROLLBACK')
    dump.release()
    await removeOutcomes(90)
    expect(await partitions()).not.toContain('couplet.outcome_2020_01')
  })

  it('take along the lists of matches of jobs that ended as long ago, and no others', async () => {
    const jobs = (await opened.store.runs.getRun(place.runId)).jobs.map(({ id }) => id)
    const running = (await givenWorkplace(opened.store)).jobId
    const [old, recent] = jobs
    for (const job of [old, recent, running])
      await opened.pool.query(
        `insert into couplet.match_finding (job_id, key, verdict, candidates, candidate_count, rivals, found_at)
         values ($1, 'text:A', 'none', '{}', 0, 0, now() - interval '1 year')`,
        [job],
      )
    await opened.pool.query(
      `update couplet.job set state = 'succeeded', finished_at = now() - case when id = $1 then interval '91 days'
         else interval '89 days' end where id = any($2)`,
      [old, jobs],
    )
    expect(await retention().removeOld('match lists', 90, never)).toBe(1)
    const left = await opened.pool.query('select job_id::int from couplet.match_finding order by 1')
    expect(left.rows.map((row) => row.job_id)).toEqual([recent, running])
  })
})
