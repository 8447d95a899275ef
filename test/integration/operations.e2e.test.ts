import { afterEach, describe, expect, it } from 'vitest'
import { hashKey, newKey } from '../../src/api/api-key.ts'
import { CoupletClient } from '../../src/client/client.ts'
import { everything, type KeyScope } from '../../src/core/access/api-key.ts'
import type { Role } from '../../src/core/access/role.ts'
import { workOperation } from '../../src/usecases/bulk/work-operation.ts'
import { type Api, startApi } from '../support/api.ts'
import { newOperation, ofIssues } from '../support/bulk.ts'
import { runCommand } from '../support/cli.ts'
import { createInstallation, type Installation, type QueueKind, queuesBut } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient
afterEach(async () => {
  await api.close()
  await couplet.close()
})

/** One record more than fails: `long` of them have a name that is too long for the other side. */
async function open(long: number, queue: QueueKind = 'postgres'): Promise<void> {
  couplet = await createInstallation({
    queue,
    systemsSql: `${twoTablesSql} ${insertCustomers(long + 1)};
      ALTER TABLE crm.account ALTER name TYPE varchar(12);
      UPDATE nav.customer SET name = CASE no WHEN 'C${long + 1}' THEN 'short' ELSE 'a name too long' END`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import({ ...customerMapping, onlyCoupled: false })
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
}
const full = async () => {
  await couplet.work()
  return couplet.run('full')
}
const givenIssues = async (count: number, queue?: QueueKind) => {
  await open(count, queue)
  await full()
}
const heal = () => couplet.systems.query(`UPDATE nav.customer SET name = 'healed'`)
const kinds = async () =>
  Object.fromEntries((await client.countIssues()).counts.map(({ kind, issues }) => [kind, issues] as const))

async function keyOf(role: Role, scope: Partial<KeyScope> = {}): Promise<string> {
  const key = newKey()
  const stored = {
    name: `k${key.slice(-6)}`,
    hash: hashKey(key),
    role,
    expiresAt: null,
    ...everything,
    ...scope,
  }
  await couplet.context.deps.stores.access.createApiKey(stored, { actor: 'test' })
  return key
}
const as = async (role: Role, scope?: Partial<KeyScope>) => {
  const key = await keyOf(role, scope)
  return (body: object, path = '/api/v1/operations') =>
    api.post(path, body, { authorization: `Bearer ${key}` })
}

describe.each(queuesBut('postgres'))('thousands of issues over HTTP, over %s', (queue) => {
  it('are counted, retried as one operation with the result of each, and carried out by one run', async () => {
    await givenIssues(2_000, queue)
    await heal()
    const wish = {
      kind: 'retry',
      issues: { code: 'VALUE_TRUNCATED' },
      reason: 'The names are short now',
    } as const
    expect(await client.countOperation({ kind: 'retry', issues: { code: 'VALUE_TRUNCATED' } })).toMatchObject(
      {
        selected: 2_000,
        refused: 0,
        groups: [{ mapping: 'CUSTOMER', kind: 'failed', records: 2_000 }],
      },
    )
    await expect(client.startOperation({ ...wish, expected: 1_999 })).rejects.toMatchObject({
      status: 409,
      code: 'SELECTION_CHANGED',
    })
    const { operation, created } = await client.startOperation({ ...wish, expected: 2_000 }, 'once')
    expect(created).toBe(true)
    expect(await client.startOperation({ ...wish, expected: 2_000 }, 'once')).toMatchObject({
      created: false,
      operation: { id: operation.id },
    })
    const other = client.startOperation({ ...wish, reason: 'Another one' }, 'once')
    await expect(other).rejects.toMatchObject({ status: 409, code: 'RUN_KEY_REUSED' })

    const ended = await client.waitForOperation(operation.id)
    expect(ended).toMatchObject({
      kind: 'retry',
      state: 'finished',
      counts: { selected: 2_000, done: 2_000, refused: 0, failed: 0 },
      requestedBy: 'api/first-start',
      reason: 'The names are short now',
    })
    expect(ended.runIds).toHaveLength(1)
    const { counters } = await client.waitForRun(ended.runIds[0] ?? 0)
    await waitFor('all of them', async () => ((await kinds())['failed'] === undefined ? true : null), 60_000)
    expect(counters).toMatchObject({ failed: 0 })
    expect(await couplet.rows('SELECT FROM crm.account')).toHaveLength(2_001)
    const first = await client.listOperationRecords(operation.id, { limit: 500 })
    expect(first.records[0]).toMatchObject({
      position: 1,
      mappingName: 'CUSTOMER',
      direction: 'to',
      state: 'done',
    })
    const second = await client.listOperationRecords(operation.id, { limit: 500, after: first.next ?? 0 })
    expect([first.next, second.records[0]?.position]).toEqual([500, 501])
    expect((await client.listOperations({ state: 'finished' })).operations).toMatchObject([
      { id: operation.id },
    ])
  })
})

describe('an operation', () => {
  it('is ended between two chunks; what was done stays done, and is carried out', async () => {
    await open(3)
    await full()
    const template = (await couplet.store.query('SELECT * FROM couplet.issue LIMIT 1')).rows[0]
    await couplet.store.query(
      `INSERT INTO couplet.issue (pair_id, mapping_id, direction, key, kind, code, error_kind, field, message, conflicts,
         create_missing, job_id, first_at, last_at)
       SELECT pair_id, mapping_id, direction, key || n, kind, code, error_kind, field, message, conflicts, create_missing,
         job_id, first_at, last_at
       FROM couplet.issue, generate_series(1, 1000) n WHERE id = $1`,
      [template.id],
    )
    const { stores } = couplet.context.deps
    // Stored and not enqueued: nobody else works on it before the sweeper finds it.
    const selection = ofIssues({ code: template.code })
    const { operation } = await stores.bulk.start(newOperation({ task: { kind: 'skip' }, selection }))
    let chunks = 0
    const never = new AbortController().signal
    await workOperation(operation.id, never, couplet.context.deps, () => chunks++ === 0)
    const cancelled = await client.cancelOperation(operation.id, 'It was the wrong code')
    expect(cancelled.operation).toMatchObject({ state: 'cancelled', cancelledBy: 'api/first-start' })
    const { done, selected } = cancelled.operation.counts
    expect([done, selected]).toEqual([500, 1_003])
    expect(await workOperation(operation.id, never, couplet.context.deps)).toBe(true)
    expect((await client.listIssues({ kind: 'skipped', limit: 500 })).issues).toHaveLength(500)
    const left = await client.listOperationRecords(operation.id, { state: 'pending', limit: 1 })
    expect(left.records).toMatchObject([{ position: 501 }])
    await expect(client.cancelOperation(operation.id)).rejects.toMatchObject({
      code: 'OPERATION_ENDED',
      status: 409,
    })
    const { entries } = await client.listAudit({ subject: `operation ${operation.id}` })
    expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
      ['operation.cancel', 'It was the wrong code'],
      ['issues.skip', null],
      ['operation.start', null],
    ])
  })

  it('that the queue has lost is found by the sweeper; records that were solved meanwhile are refused, not failed', async () => {
    await givenIssues(3)
    const { stores } = couplet.context.deps
    const ids = (await client.listIssues()).issues.map(({ id }) => id)
    await couplet.store.query(`DELETE FROM couplet.issue WHERE id = ${ids[0]}`)
    // As if the process had died between storing and enqueueing.
    const selection = ofIssues({ ids })
    const { operation } = await stores.bulk.start(newOperation({ task: { kind: 'skip' }, selection }))
    const ended = await client.waitForOperation(operation.id)
    expect(ended).toMatchObject({
      state: 'finished',
      counts: { selected: 3, done: 2, refused: 1, failed: 0 },
    })
    expect((await client.listOperationRecords(operation.id, { state: 'refused' })).records).toMatchObject([
      { subjectId: ids[0], code: 'ISSUE_UNKNOWN' },
    ])
    expect(ended.selection).toEqual({ of: 'issues', filter: {}, ids: 3 })
    const { entries } = await client.listAudit({ subject: `operation ${operation.id}` })
    expect(entries.at(-1)?.detail).toMatchObject({ selection: { ids: 3 }, selected: 3 })
    expect(await kinds()).toEqual({ skipped: 2 })
    const { operation: released } = await client.startOperation({
      kind: 'unskip',
      issues: { mapping: 'CUSTOMER' },
    })
    expect(await client.waitForOperation(released.id)).toMatchObject({ counts: { done: 2 }, runIds: [] })
  })

  it('resolves conflicts by filter, uncouples and synchronizes couplings', async () => {
    await givenIssues(2)
    await heal()
    await client.startOperation({ kind: 'retry', issues: { all: true } })
    await waitFor(
      'all coupled',
      async () => (await client.listCouplings({ mapping: 'CUSTOMER' })).couplings.length === 3,
    )
    await couplet.systems.query(
      `UPDATE nav.customer SET city = 'Here'; UPDATE crm.account SET city = 'There'`,
    )
    await couplet.run('modified')
    expect(await kinds()).toEqual({ conflict: 3 })
    const conflicts = { mapping: 'CUSTOMER' }
    const typed = 'a secret that is longer than any city'
    const long = { kind: 'resolve', issues: conflicts, all: { take: 'value', text: typed } } as const
    const { operation } = await client.startOperation(long)
    expect(await client.waitForOperation(operation.id)).toMatchObject({
      state: 'finished',
      counts: { refused: 3 },
    })
    const { records } = await client.listOperationRecords(operation.id)
    expect(records).toMatchObject([{ code: 'RESOLUTION_INVALID' }, {}, {}])
    expect(records[0]?.message).toMatch(/city .*VALUE_TRUNCATED/)
    expect(JSON.stringify(records)).not.toContain('secret')
    const resolved = await client.startOperation({
      kind: 'resolve',
      issues: conflicts,
      all: { take: 'remote' },
    })
    const decided = await client.waitForOperation(resolved.operation.id)
    expect(decided).toMatchObject({ counts: { done: 3 }, take: { all: 'remote', fields: {} } })
    await client.waitForRun(decided.runIds[0] ?? 0)
    await waitFor('no conflict', async () => Object.keys(await kinds()).length === 0)
    expect(await couplet.rows(`SELECT FROM nav.customer WHERE city = 'There'`)).toHaveLength(3)

    const couplings = { mapping: 'CUSTOMER', local: 'C1' }
    const synchronized = await client.startOperation({ kind: 'synchronize', couplings })
    expect(await client.waitForOperation(synchronized.operation.id)).toMatchObject({ counts: { done: 1 } })
    const careless = await api.post('/api/v1/operations', { kind: 'uncouple', couplings })
    expect([careless.status, careless.body.problems[0].field]).toEqual([400, 'expected'])
    const uncoupled = await client.startOperation({
      kind: 'uncouple',
      couplings,
      expected: 1,
      reason: 'Sold',
    })
    const { runIds } = await client.waitForOperation(uncoupled.operation.id)
    expect((await client.waitForRun(runIds[0] ?? 0)).run).toMatchObject({ kind: 'uncouple', reason: 'Sold' })
    await waitFor(
      'the uncoupling',
      async () => (await client.listCouplings(couplings)).couplings.length === 0,
    )
    expect((await client.listCouplings({ mapping: 'CUSTOMER' })).couplings).toHaveLength(2)
  })

  it('decides about deleted records by filter, as many as were seen', async () => {
    await open(1)
    await couplet.import({ ...customerMapping, onlyCoupled: false, deletionConflict: 'Ask' })
    await heal()
    await full()
    await couplet.systems.query('DELETE FROM crm.account')
    await couplet.run('deletions')
    const wish = { kind: 'resolve-deletion', choice: 'restore', issues: { mapping: 'CUSTOMER' } } as const
    await expect(client.startOperation({ ...wish, expected: 3 })).rejects.toMatchObject({
      code: 'SELECTION_CHANGED',
    })
    const { operation } = await client.startOperation({ ...wish, expected: 2 })
    expect(await client.waitForOperation(operation.id)).toMatchObject({
      choice: 'restore',
      counts: { done: 2 },
    })
    await waitFor('the records', async () => (await couplet.rows('SELECT FROM crm.account')).length === 2)
  })

  it('is asked for by those who may, about what they may have to do with', async () => {
    await open(1)
    const issues = { mapping: 'CUSTOMER' }
    expect((await (await as('view'))({ kind: 'retry', issues })).status).toBe(403)
    const operate = await as('operate')
    for (const kind of ['resolve', 'resolve-deletion']) {
      const decision = { kind, issues, all: { take: 'local' }, choice: 'restore', expected: 1 }
      const { all, choice, expected: _, ...rest } = decision
      const body = kind === 'resolve' ? { ...rest, all } : { ...rest, choice, expected: 1 }
      expect((await operate(body)).body).toMatchObject({
        code: 'ROLE_MISSING',
        detail: expect.stringContaining('resolve'),
      })
      expect((await (await as('resolve'))(body)).body.code).toBe('NOTHING_SELECTED')
    }
    const scoped = await as('operate', { pairs: ['test'], mappings: ['CUSTOMER'] })
    expect((await scoped({ kind: 'retry', pair: 'test', issues })).body.code).toBe('NOTHING_SELECTED')
    for (const body of [
      { kind: 'retry', issues: { all: true } },
      { kind: 'retry', issues },
      { kind: 'retry', pair: 'test', issues: { ids: [1] } },
      { kind: 'synchronize', couplings: { mapping: 'ITEM' } },
    ])
      expect((await scoped(body)).body.code).toBe('SCOPE_MISSING')
    await full()
    const { operation } = await client.startOperation({ kind: 'skip', issues: { all: true } })
    for (const path of ['', '/records', '/cancel']) {
      const key = await keyOf('administer', { mappings: ['CUSTOMER'] })
      const method = path === '/cancel' ? 'POST' : 'GET'
      const answer = await api.send(`/api/v1/operations/${operation.id}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      })
      expect([path, answer.body.code]).toEqual([path, 'SCOPE_MISSING'])
    }
  })

  it('is refused with the field that is wrong', async () => {
    await open(1)
    const problemsOf = async (body: object) => {
      const { status, body: answer } = await api.post('/api/v1/operations', body)
      return [status, answer.problems?.map(({ field }: { field: string }) => field) ?? answer.code]
    }
    expect(await problemsOf({ kind: 'retry', issues: {} })).toEqual([400, ['issues']])
    expect(await problemsOf({ kind: 'retry', issues: { all: true, code: 'X' } })).toEqual([400, ['issues']])
    expect(await problemsOf({ kind: 'retry', issues: { ids: [] } })).toEqual([400, ['issues.ids']])
    expect(await problemsOf({ kind: 'retry', issues: { ids: [0.5] } })).toEqual([400, ['issues.ids.0']])
    expect(await problemsOf({ kind: 'retry', issues: { group: 'none' } })).toEqual([400, ['issues.group']])
    expect(await problemsOf({ kind: 'paint', issues: {} })).toEqual([400, ['kind']])
    expect(await problemsOf({ kind: 'resolve', issues: { all: true } })).toEqual([400, ['(whole)']])
    expect(await problemsOf({ kind: 'synchronize', couplings: { mapping: 'NONE' } })).toEqual([
      404,
      'MAPPING_UNKNOWN',
    ])
    const resolve = { kind: 'resolve', issues: { all: true } }
    for (const name of ['a\0', 'a\ud800'])
      expect(await problemsOf({ ...resolve, fields: { [name]: { take: 'local' } } })).toEqual([
        400,
        [expect.stringMatching(/^fields/)],
      ])
    for (const typed of ['\0', '\udc00'])
      expect(await problemsOf({ ...resolve, all: { take: 'value', text: typed } })).toEqual([
        400,
        ['all.text'],
      ])
    expect((await api.get('/api/v1/operations/7')).body.code).toBe('OPERATION_UNKNOWN')
  })

  it('is counted with the body that it is asked for with', async () => {
    await open(1)
    const issues = { all: true }
    for (const body of [
      { kind: 'resolve', issues, all: { take: 'local' }, fields: { city: { take: 'remote' } }, expected: 2 },
      { kind: 'resolve-deletion', issues, choice: 'restore', expected: 2 },
      { kind: 'uncouple', couplings: { mapping: 'CUSTOMER' }, expected: 2, reason: 'Sold' },
      { kind: 'retry', issues, expected: 2 },
    ])
      expect((await api.post('/api/v1/operations/count', body)).body).toMatchObject({ selected: 0 })
  })

  it('is listed, shown and cancelled on the command line, as is one issue with its attempts', async () => {
    await givenIssues(2)
    await couplet.run('full')
    const command = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand([...args, '--json'], couplet.env)
      return { code, body: JSON.parse(stdout || stderr) }
    }
    const [issue] = (await client.listIssues()).issues
    const shown = await command('issues', 'show', String(issue?.id))
    expect(shown.body).toMatchObject({ issue: { id: issue?.id, attempts: 2 } })
    expect(shown.body.attempts).toMatchObject([
      { kind: expect.any(String), code: 'VALUE_TRUNCATED' },
      { kind: 'failed', code: 'VALUE_TRUNCATED' },
    ])
    expect((await api.get(`/api/v1/issues/${issue?.id}`)).body.attempts).toHaveLength(2)
    const text = await runCommand(['issues', 'show', String(issue?.id)], couplet.env)
    expect(text.stdout).toContain('2 attempt(s)')

    const skipped = await command('issues', 'skip', '--all', '--yes', '--reason', 'later')
    expect(skipped).toMatchObject({
      code: 0,
      body: { operation: { state: 'finished', counts: { done: 2 } } },
    })
    const id = String(skipped.body.operation.id)
    expect((await command('operations')).body.operations).toMatchObject([{ id: Number(id), reason: 'later' }])
    const records = await runCommand(['operations', 'show', id, '--records'], couplet.env)
    expect(records.stdout).toMatch(/2 of 2 done.*\n(.*\n)*.*done/)
    expect((await command('operations', 'show', id, '--state', 'refused')).body.records).toEqual([])
    expect(await command('operations', 'cancel', id)).toMatchObject({ code: 1 })
    const released = await command('issues', 'unskip', '--all', '--yes')
    expect(released.body.operation.counts).toMatchObject({ selected: 2, done: 2 })
  })
})
