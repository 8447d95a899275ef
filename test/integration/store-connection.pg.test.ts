import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SyncError } from '../../src/core/errors.ts'
import { assertMigrated, migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { freePort, waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { givenPair, givenWorkplace, issueWrite } from '../support/store-fixtures.ts'

describe('the connection to the store', () => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await openTestStore()
  })
  afterAll(() => opened.close())

  async function failure(url: string): Promise<SyncError> {
    const { store, pool, check, close } = openStore({ url, poolSize: 1, applicationName: 'test' })
    try {
      const attempts = [
        check,
        () => store.mappings.listPairs(),
        () => migrate(pool),
        () => assertMigrated(pool),
      ]
      const errors: SyncError[] = []
      for (const attempt of attempts) {
        const error: unknown = await attempt().then(
          () => null,
          (thrown: unknown) => thrown,
        )
        if (!(error instanceof SyncError)) throw new Error(`Not a SyncError: ${error}`)
        errors.push(error)
      }
      expect(new Set(errors.map(({ code }) => code)).size).toBe(1)
      for (const { message, data } of errors) {
        expect(message).toContain('DATABASE_URL')
        const password = new URL(url).password || 'secret'
        expect(`${message} ${JSON.stringify(data)}`).not.toContain(`:${password}@`)
      }
      return errors[0] ?? new SyncError('INTERNAL', 'none')
    } finally {
      await close()
    }
  }

  it('that nobody answers names the variable and the address', async () => {
    const port = await freePort()
    const error = await failure(`postgres://somebody:secret@127.0.0.1:${port}/couplet`)
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED', kind: 'transient' })
    expect(error.message).toContain(`127.0.0.1:${port}/couplet`)
  })

  it('to a host that does not exist is refused in the same way', async () => {
    const error = await failure('postgres://somebody:secret@nowhere.invalid/couplet')
    expect(error.code).toBe('CONNECTION_REFUSED')
    expect(error.message).toContain('nowhere.invalid:5432/couplet')
  })

  it('to a database that does not exist names it', async () => {
    const url = new URL(opened.url)
    url.pathname = '/nothing_here'
    const error = await failure(url.href)
    expect(error).toMatchObject({ code: 'CONNECTION_NOT_FOUND', kind: 'config' })
    expect(error.message).toContain('/nothing_here')
  })

  it('with a user who is not let in says so', async () => {
    const url = new URL(opened.url)
    url.username = 'nobody_we_know'
    url.password = 'secret'
    expect(await failure(url.href)).toMatchObject({ code: 'CONNECTION_SIGN_IN_FAILED', kind: 'config' })
  })

  it('that breaks in the middle is reported as transient, and the next use connects again', async () => {
    const { store, check, close } = openStore({ url: opened.url, poolSize: 1, applicationName: 'broken' })
    const pair = await givenPair(store)
    const holder = await opened.pool.connect()
    await holder.query('begin')
    await holder.query('lock table couplet.pair in access exclusive mode')
    const reading = store.mappings.getPair(pair.id)
    const killed = waitFor('the reader is killed', async () => {
      const { rows } = await opened.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'broken' and wait_event_type = 'Lock'`,
      )
      return rows.length === 1
    })
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_INTERRUPTED', kind: 'transient' })
    await killed
    await holder.query('rollback')
    holder.release()
    await expect(check()).resolves.toBeUndefined()
    expect(await store.mappings.getPair(pair.id)).toEqual(pair)
    await close()
  })

  it('never shows the values of a statement that failed', async () => {
    const place = await givenWorkplace(opened.store)
    const issue = issueWrite(place.jobId, 'A', { value: 'confidential', message: 'bad \u0000 character' })
    const error: unknown = await place.commit({ openIssues: [issue] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).not.toContain('confidential')
  })

  it('tells times in UTC, whatever zone its address asks for', async () => {
    const url = new URL(opened.url)
    url.searchParams.set('options', '-c timezone=America/New_York -c work_mem=5MB')
    const { pool, close } = openStore({ url: url.href, poolSize: 1, applicationName: 'zone' })
    const { rows } = await pool.query(
      "select current_setting('timezone') as zone, current_setting('work_mem') as other",
    )
    expect(rows).toEqual([{ zone: 'UTC', other: '5MB' }])
    await close()
  })

  it('of a worker that was stopped inside a transaction is ended, so that a takeover does not wait for it', async () => {
    const { pool, close } = openStore({ url: opened.url, poolSize: 1, applicationName: 'stopped' })
    const { rows } = await pool.query('show idle_in_transaction_session_timeout')
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '5s' }])
    await close()
  })
})
