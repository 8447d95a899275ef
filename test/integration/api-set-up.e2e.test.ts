import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CoupletClient } from '../../src/client/client.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient
let thief: Server
const stolen: string[] = []
const lines: string[] = []

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}`,
    env: {
      COUPLET_PORT: '0',
      COUPLET_SECRET_KEY: `k:${randomBytes(32).toString('base64')}`,
      COUPLET_HTTP_REFERENCES: 'env:SYSTEMS_URL',
    },
    onLogLine: (line) => lines.push(line),
  })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
  thief = createServer((request, answer) => {
    stolen.push(request.headers.authorization ?? '')
    answer.writeHead(401).end()
  })
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => thief.close(resolve))
  await api.close()
  await couplet.close()
})

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { status: number; code: string }) => error,
  )
const audited = async (action: string) => (await client.listAudit({ action })).entries

describe('connections', () => {
  const postgres = (settings: Record<string, string>) => ({ kind: 'postgres', settings })

  it('are tried before they are stored, and only tried with dryRun', async () => {
    const wish = postgres({ url: 'env:SYSTEMS_URL', schema: 'crm' })
    expect(await client.setUp.putConnection('more', { ...wish, dryRun: true })).toMatchObject({
      stored: false,
    })
    expect((await client.listConnections()).connections.map(({ name }) => name)).not.toContain('more')
    expect(await client.setUp.putConnection('more', { ...wish, reason: 'second' })).toMatchObject({
      stored: true,
    })
    const changed = await client.setUp.putConnection(
      'more',
      postgres({ url: 'env:SYSTEMS_URL', schema: 'nav' }),
    )
    expect(changed.connection.settings).toEqual({ url: 'env:SYSTEMS_URL', schema: 'nav' })
    expect(await audited('connection.save')).toMatchObject([
      { before: { settings: { schema: 'crm' } }, after: { settings: { schema: 'nav' } } },
      { before: null, reason: 'second', actor: 'api/first-start' },
    ])
  })

  it.each([
    ['a variable that is not allowed', { url: 'env:DATABASE_URL' }, 403, 'REFERENCE_REFUSED'],
    ['a file that is not allowed', { url: 'file:/etc/passwd' }, 403, 'REFERENCE_REFUSED'],
    ['an address in clear text', { url: 'postgres://me:hunter2@127.0.0.1/x' }, 422, 'CONFIG_INVALID'],
  ])('refuse %s', async (_what, settings, status, code) => {
    expect(await refusal(client.setUp.putConnection('bad', postgres(settings)))).toMatchObject({
      status,
      code,
    })
  })

  it('send no secret of this machine to a place of the caller, and none that is stored to a new place', async () => {
    const { port } = thief.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/`
    const basic = { kind: 'dataverse', settings: { url, user: 'me', password: 'env:DATABASE_URL' } }
    expect(await refusal(client.setUp.putConnection('mine', basic))).toMatchObject({
      code: 'REFERENCE_REFUSED',
    })
    const { settings } = couplet.pair.localConnection
    await couplet.context.deps.stores.mappings.saveConnection({
      name: 'crm',
      kind: 'dataverse',
      settings: { url: 'https://crm.example/', user: 'me', password: 'sealed:v1:k:abcdefgh' },
    })
    const moved = { kind: 'dataverse', settings: { url, user: 'me', password: 'sealed' } }
    expect(await refusal(client.setUp.putConnection('crm', moved))).toMatchObject({
      code: 'REFERENCE_REFUSED',
    })
    expect(settings).toMatchObject({ url: 'env:SYSTEMS_URL' })
    expect(stolen).toEqual([])
  })

  it('reach no network that is not named, and say nothing of a secret they were given', async () => {
    const body = {
      kind: 'dataverse',
      settings: { url: 'https://10.1.2.3/', user: 'me' },
      secrets: { password: 'hunter2hunter2' },
    }
    const answer = await api.send('/api/v1/connections/inside', {
      method: 'PUT',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect([answer.status, answer.body.code]).toEqual([400, 'ADDRESS_REFUSED'])
    const wrong = await api.send('/api/v1/connections/inside', {
      method: 'PUT',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...body,
        secrets: { password: ['hunter2hunter2'] },
        password: 'hunter2hunter2',
      }),
    })
    expect(wrong.status).toBe(400)
    expect(answer.text + wrong.text + lines.join('')).not.toContain('hunter2')
  })

  it('are shown without what is sealed', async () => {
    const { connections } = await client.listConnections()
    expect(connections.find(({ name }) => name === 'crm')?.settings['password']).toBe('sealed')
    expect(JSON.stringify(connections)).not.toContain('sealed:')
  })

  it('of a pair with a blank in its name can be addressed; a new one is not called so', async () => {
    const { kind, settings } = couplet.pair.localConnection
    const { mappings } = couplet.context.deps.stores
    await mappings.saveConnection({ name: 'the pair-local', kind, settings })
    expect((await client.setUp.listTables('the pair-local')).tables).toContain('customer')
    const put = (name: string) => client.setUp.putConnection(name, { kind, settings })
    expect(await put('the pair-local')).toMatchObject({ stored: true })
    expect(await refusal(put('another pair-local'))).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('are tested step by step, with their tables', async () => {
    const { name } = couplet.pair.localConnection
    const tested = await client.setUp.testConnection(name)
    expect(tested).toMatchObject({
      good: true,
      checks: expect.arrayContaining([{ step: 'table customer', detail: expect.anything(), error: null }]),
    })
    const failed = await client.setUp.testConnection(name, { table: 'nowhere' })
    expect(failed).toMatchObject({ good: false })
    expect(failed.checks.at(-1)?.error).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    expect((await client.setUp.listTables(name)).tables).toContain('customer')
    expect(await client.setUp.describeTable(name, 'customer')).toMatchObject({
      keyFields: ['id'],
      fields: expect.arrayContaining([
        { name: 'no', type: 'text of 20', nullable: false, writable: true, hasDefault: true },
      ]),
    })
    const longest = 'é'.repeat(250)
    expect(await refusal(client.setUp.describeTable(name, longest))).toMatchObject({
      code: 'TABLE_NOT_FOUND',
    })
    expect(await refusal(client.setUp.listTables('nobody'))).toMatchObject({ status: 404 })
  })
})

describe('schedules', () => {
  it('show their next runs before they are made, and are made, changed and removed', async () => {
    const wish = { name: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Copenhagen' }
    const foreseen = await client.setUp.addSchedule({ ...wish, dryRun: true })
    expect(foreseen).toMatchObject({ schedule: null, words: expect.stringContaining('2:30') })
    expect(foreseen.nextSlots).toHaveLength(5)
    expect((await client.listSchedules()).schedules).toEqual([])
    const made = await client.setUp.addSchedule({ ...wish, reason: 'nights' })
    expect(made.schedule).toMatchObject({ name: 'nightly', cron: '30 2 * * *', state: 'on' })
    expect(made.nextSlots).toEqual(foreseen.nextSlots)
    expect(await refusal(client.setUp.addSchedule(wish))).toMatchObject({
      status: 409,
      code: 'SCHEDULE_EXISTS',
    })

    const other = await client.setUp.changeSchedule('nightly', { everyMinutes: 90, dryRun: true })
    expect(other.words).toContain('90 minutes')
    const changed = await client.setUp.changeSchedule('nightly', { everyMinutes: 90, reason: 'days' })
    expect(changed.schedule).toMatchObject({ cron: null, everyMinutes: 90, timeZone: 'Europe/Copenhagen' })
    expect(await audited('schedule.changed')).toMatchObject([
      {
        before: { cron: '30 2 * * *', everyMinutes: null },
        after: { cron: null, everyMinutes: 90 },
        reason: 'days',
      },
    ])
    await client.setUp.removeSchedule('nightly', { reason: 'over' })
    expect(await refusal(client.setUp.removeSchedule('nightly'))).toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
    expect(await audited('schedule.removed')).toMatchObject([{ before: { name: 'nightly' }, reason: 'over' }])
  })

  it('are listed by pair, and those of a mapping alone', async () => {
    const listed = async (query: Parameters<typeof client.listSchedules>[0]) =>
      (await client.listSchedules(query)).schedules.map(({ name }) => name)
    await client.setUp.addSchedule({ name: 'all', everyMinutes: 5 })
    await client.setUp.addSchedule({ name: 'customers', everyMinutes: 5, mapping: 'CUSTOMER' })
    expect(await listed({})).toEqual(['all', 'customers'])
    expect(await listed({ pair: couplet.pair.name })).toEqual(['all', 'customers'])
    expect(await listed({ mapping: 'CUSTOMER' })).toEqual(['customers'])
    expect(await listed({ mapping: 'ITEM' })).toEqual([])
    expect(await refusal(listed({ pair: 'nobody' }))).toMatchObject({ code: 'CONNECTION_UNKNOWN' })
    for (const name of ['all', 'customers']) await client.setUp.removeSchedule(name)
  })

  it.each([
    [{ cron: '61 * * * *' }, 'SCHEDULE_INVALID'],
    [{ everyMinutes: 5, timeZone: 'Nowhere/At/All' }, 'SCHEDULE_INVALID'],
    [{ everyMinutes: 5, windowFrom: '08:00' }, 'SCHEDULE_INVALID'],
    [{ everyMinutes: 5, mapping: 'NOBODY' }, 'MAPPING_UNKNOWN'],
    [{}, 'SCHEDULE_INVALID'],
  ])('%j is refused, also when it is only looked at', async (settings, code) => {
    for (const dryRun of [true, false])
      expect(await refusal(client.setUp.addSchedule({ name: 'bad', ...settings, dryRun }))).toMatchObject({
        code,
      })
  })

  it('have blackouts', async () => {
    const entry = {
      calendar: 'year-end',
      from: '2099-12-24T00:00:00Z',
      to: '2099-12-27T00:00:00Z',
      reason: 'closed',
    }
    const { blackout } = await client.setUp.addBlackout(entry)
    expect((await client.setUp.listBlackouts()).blackouts).toEqual([blackout])
    await client.setUp.removeBlackout(blackout.id)
    expect(await refusal(client.setUp.removeBlackout(blackout.id))).toMatchObject({ status: 404 })
    expect(await refusal(client.setUp.addBlackout({ ...entry, to: entry.from }))).toMatchObject({
      code: 'SCHEDULE_INVALID',
    })
  })
})

describe('API keys', () => {
  it('are made, shown once, and revoked', async () => {
    const { key } = await client.setUp.addKey({
      name: 'shop',
      role: 'view',
      mappings: ['CUSTOMER'],
      reason: 'orders',
    })
    const shop = new CoupletClient({ url: api.url, key })
    expect((await shop.getMapping('CUSTOMER')).mapping.name).toBe('CUSTOMER')
    expect(await refusal(shop.setUp.listKeys())).toMatchObject({ status: 403 })
    expect(await refusal(client.setUp.addKey({ name: 'shop', role: 'view' }))).toMatchObject({
      status: 409,
      code: 'KEY_EXISTS',
    })
    const { keys } = await client.setUp.listKeys()
    expect(keys.find(({ name }) => name === 'shop')).toMatchObject({
      state: 'valid',
      createdBy: 'api/first-start',
    })
    expect(JSON.stringify(keys) + lines.join('')).not.toContain(key)
    await client.setUp.revokeKey('shop', 'leaked')
    expect(await refusal(shop.getMapping('CUSTOMER'))).toMatchObject({ status: 401 })
    expect(await refusal(client.setUp.revokeKey('shop'))).toMatchObject({ status: 404, code: 'KEY_UNKNOWN' })
    expect(await audited('key.revoke')).toMatchObject([{ subject: 'key shop', reason: 'leaked' }])
  })

  it.each([
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 422],
    [{ mappings: ['NOBODY'] }, 422],
    [{ pairs: ['nowhere'] }, 404],
  ])('are not made with %j', async (more, status) => {
    const adding = client.setUp.addKey({ name: 'bad', role: 'view', ...more })
    expect(await refusal(adding)).toMatchObject({ status })
  })
})
