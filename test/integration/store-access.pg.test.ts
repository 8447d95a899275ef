import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everything } from '../../src/core/access/api-key.ts'
import type { AccessStore } from '../../src/core/ports/access-store.ts'
import { verifyAudit } from '../../src/usecases/access/verify-audit.ts'
import type { Stores } from '../../src/usecases/deps.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { definition, givenPair, unique } from '../support/store-fixtures.ts'

let opened: TestStore
let access: AccessStore
let stores: Stores
beforeAll(async () => {
  opened = await openTestStore()
  stores = opened.store
  access = stores.access
})
afterAll(() => opened.close())

const by = { actor: 'test', reason: 'to see' }
const append = (subject: string) =>
  stores.operations.appendAudit({ actor: 'a', action: 'b', subject, after: { n: 1.5, list: [null, 'é'] } })
const verify = (expected: string | null = null) => verifyAudit({ expected, isRetentionOn: false }, { stores })

/** As somebody does it who owns the database: no trigger runs. */
async function tamper(statement: string): Promise<void> {
  const client = await opened.pool.connect()
  await client.query(`set session_replication_role = replica; ${statement}`)
  client.release(true)
}

describe('the audit log', () => {
  it('numbers entries without a gap and chains them, also when many write at once', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => append(`at once ${n}`)))
    const entries = await access.listAudit({ limit: 500, before: null })
    const { good, broken } = await verify()
    expect(broken).toBeNull()
    expect(good).toEqual({ entries: entries.length, hash: entries[0]?.hash })
    expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => entries.length - index))
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
  })

  it('leaves no number out when a transaction is rolled back', async () => {
    const client = await opened.pool.connect()
    await client.query(
      "begin; insert into couplet.audit_log (actor, action, subject, detail) values ('a', 'b', 'c', '{}'); rollback",
    )
    client.release()
    await append('after the rollback')
    expect((await verify()).broken).toBeNull()
  })

  it('is read newest first, by who did what to what and when, in pages', async () => {
    await stores.operations.appendAudit({
      actor: 'eva',
      action: 'x',
      subject: 's',
      reason: 'why',
      before: { a: 1 },
    })
    const [entry] = await access.listAudit({ limit: 5, before: null, actor: 'eva' })
    expect(entry).toMatchObject({
      actor: 'eva',
      action: 'x',
      reason: 'why',
      before: { a: 1 },
      after: null,
      detail: {},
    })
    const id = entry?.id ?? 0
    expect((await access.listAudit({ limit: 1, before: id }))[0]?.id).toBe(id - 1)
    const later = { limit: 5, before: null, since: '2999-01-01T00:00:00Z' }
    expect(await access.listAudit(later)).toEqual([])
  })

  it.each([
    ['a changed entry', "update couplet.audit_log set actor = 'somebody else' where number = 3", /content/],
    ['a changed detail', `update couplet.audit_log set after = '{"n": 2}' where number = 3`, /content/],
    [
      'an entry made anew with a fitting hash',
      `update couplet.audit_log set actor = 'x' where number = 3;
       update couplet.audit_log a set hash = encode(sha256(convert_to(couplet.audit_content(a), 'UTF8')), 'hex') where number = 3`,
      /does not follow/,
    ],
    ['a removed entry', 'delete from couplet.audit_log where number = 3', /missing here/],
    [
      'a removed end',
      'delete from couplet.audit_log where number > (select entries - 2 from couplet.audit_chain)',
      /2 entries are missing at the end/,
    ],
  ])('shows %s', async (_what, statement, reason) => {
    await tamper(`create table saved as table couplet.audit_log; ${statement}`)
    const { broken } = await verify()
    await tamper(
      'delete from couplet.audit_log; insert into couplet.audit_log overriding system value table saved; drop table saved',
    )
    expect(broken?.reason).toMatch(reason)
    expect((await verify()).broken).toBeNull()
  })

  it('shows that it was written anew as a whole, to whoever has noted a hash down', async () => {
    const { good } = await verify()
    await append('one more')
    expect((await verify(good.hash)).broken).toBeNull()
    expect((await verify('f'.repeat(64))).broken?.reason).toMatch(/written anew/)
  })

  it('keeps what a saved mapping was and is, and why', async () => {
    const pair = await givenPair(opened.store)
    const write = {
      pairId: pair.id,
      changedBy: 'ann',
      reason: 'first',
      selectionChanged: false,
      schedule: null,
    }
    const [one, two] = [unique('A'), unique('B')]
    await stores.mappings.saveMappings([
      { ...write, definition: definition(one), expectedVersion: null },
      { ...write, definition: definition(two), expectedVersion: null },
    ])
    await stores.mappings.saveMapping({
      ...write,
      definition: definition(one, { enabled: false }),
      expectedVersion: 1,
      reason: 'too early',
    })
    const entries = await access.listAudit({ limit: 5, before: null, subject: `mapping ${one}` })
    expect(entries).toMatchObject([
      { actor: 'ann', reason: 'too early', before: { version: 1 }, after: { version: 2 } },
      { actor: 'ann', reason: 'first', before: null, after: { version: 1 } },
    ])
  })
})

describe('a connection that is changed', () => {
  it('is written down as it was and is, without what is sealed in it', async () => {
    const name = unique('erp')
    const save = (settings: Record<string, string>) =>
      stores.mappings.saveConnection({ name, kind: 'dataverse', settings }, { by: 'ann', reason: 'why' })
    await save({ url: 'https://one' })
    await save({ url: 'https://two', clientSecret: 'sealed:v1:2026:abc' })
    const entries = await access.listAudit({ limit: 5, before: null, subject: `connection ${name}` })
    expect(entries).toMatchObject([
      {
        actor: 'ann',
        before: { settings: { url: 'https://one' } },
        after: { settings: { url: 'https://two', clientSecret: 'sealed' } },
      },
      { before: null, after: { kind: 'dataverse' } },
    ])
  })
})

describe('API keys', () => {
  const newKey = (name: string) =>
    ({ name, hash: `hash of ${name}`, role: 'operate', expiresAt: null, ...everything }) as const

  it('are found by their hash; a name is taken until its key is revoked', async () => {
    const name = unique('key')
    expect(await access.createApiKey({ ...newKey(name), mappings: ['CUSTOMER'] }, by)).toBe(true)
    expect(await access.createApiKey({ ...newKey(name), hash: 'other' }, by)).toBe(false)
    expect(await access.findApiKey(`hash of ${name}`)).toMatchObject({
      name,
      role: 'operate',
      pairs: null,
      mappings: ['CUSTOMER'],
      createdBy: 'test',
      revokedAt: null,
    })
    expect(await access.findApiKey('other')).toBeNull()
    expect(await access.revokeApiKey(name, by)).toBe(true)
    expect(await access.revokeApiKey(name, by)).toBe(false)
    expect((await access.findApiKey(`hash of ${name}`))?.revokedAt).not.toBeNull()
    expect(await access.createApiKey({ ...newKey(name), hash: `${name} again` }, by)).toBe(true)
    const actions = await access.listAudit({ limit: 5, before: null, subject: `key ${name}` })
    expect(actions.map(({ action }) => action)).toEqual(['key.add', 'key.revoke', 'key.add'])
  })

  it('note their use once a minute', async () => {
    const name = unique('key')
    await access.createApiKey(newKey(name), by)
    const used = async () => (await access.findApiKey(`hash of ${name}`))?.lastUsedAt ?? null
    expect(await used()).toBeNull()
    await access.touchApiKey(name)
    const first = await used()
    await access.touchApiKey(name)
    expect(await used()).toBe(first)
    await opened.pool.query("update couplet.api_key set last_used_at = last_used_at - interval '2 minutes'")
    await access.touchApiKey(name)
    expect((await used()) ?? '').toMatch(/^20/)
    expect((await used()) ?? '' > (first ?? '')).toBeTruthy()
  })
})

describe('people', () => {
  const open = (id: string, accountId: number | null) =>
    access.openSession({ id, userName: 'ann', accountId, role: 'view', expiresInMs: 60_000 })

  it('have the role of their account in every session, and a new password ends their sessions', async () => {
    const name = unique('user')
    expect(await access.createAccount({ name, role: 'view', password: 'p' }, by)).toBe(true)
    expect(await access.createAccount({ name, role: 'view', password: 'q' }, by)).toBe(false)
    const account = await access.findAccount(name)
    await open(`s1 ${name}`, account?.id ?? 0)
    expect(await access.changeAccount(name, { role: 'administer' }, by)).toBe(true)
    expect(await access.useSession(`s1 ${name}`, 60_000)).toBeNull()
    await open(`s2 ${name}`, account?.id ?? 0)
    expect(await access.useSession(`s2 ${name}`, 60_000)).toMatchObject({
      kind: 'user',
      name: 'ann',
      role: 'administer',
    })
    expect(await access.changeAccount(name, { password: 'new' }, by)).toBe(true)
    expect(await access.useSession(`s2 ${name}`, 60_000)).toBeNull()
    await open(`s3 ${name}`, account?.id ?? 0)
    expect(await access.removeAccount(name, by)).toBe(true)
    expect(await access.useSession(`s3 ${name}`, 60_000)).toBeNull()
    expect(await access.changeAccount(name, { role: 'view' }, by)).toBe(false)
    const audited = JSON.stringify(
      await access.listAudit({ limit: 9, before: null, subject: `user ${name}` }),
    )
    expect(audited).toContain('user.password')
    expect(audited).not.toContain('"new"')
  })

  it('are signed out when they were idle for too long, when their time is over, and when they wish', async () => {
    await open('idle', null)
    expect(await access.useSession('idle', 60_000)).toMatchObject({ role: 'view' })
    await opened.pool.query("update couplet.session set last_seen_at = last_seen_at - interval '2 minutes'")
    expect(await access.useSession('idle', 60_000)).toBeNull()
    expect(await access.useSession('idle', 600_000)).not.toBeNull()
    await opened.pool.query('update couplet.session set expires_at = now()')
    expect(await access.useSession('idle', 600_000)).toBeNull()
    await open('gone', null)
    expect(await access.endSession('gone')).toBe(true)
    expect(await access.useSession('gone', 60_000)).toBeNull()
    expect(await access.endSession('gone')).toBe(false)
  })

  it('come back from the identity provider once, and not too late', async () => {
    const attempt = { state: 's', nonce: 'n', verifier: 'v' }
    await access.beginSignIn({ id: 'here', ...attempt, expiresInMs: 60_000 })
    expect(await access.takeSignIn('here')).toEqual(attempt)
    expect(await access.takeSignIn('here')).toBeNull()
    await access.beginSignIn({ id: 'late', ...attempt, expiresInMs: -1 })
    expect(await access.takeSignIn('late')).toBeNull()
  })

  it('are counted in their attempts until they succeed', async () => {
    const count = () => access.countAttempt('ann', 2, 60_000)
    expect([await count(), await count()]).toEqual([null, null])
    expect(await count()).toBeGreaterThan(0)
    expect(await access.countAttempt('bob', 2, 60_000)).toBeNull()
    await access.forgetAttempts('ann')
    expect(await count()).toBeNull()
  })
})
