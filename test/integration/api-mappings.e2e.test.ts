import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CoupletClient } from '../../src/client/client.ts'
import { type Answer, type Api, problemOf, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import {
  customerMapping,
  insertCustomers,
  orderMapping,
  orderTablesSql,
  twoTablesSql,
} from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let client: CoupletClient
beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}; ${orderTablesSql}`,
    env: { COUPLET_PORT: '0' },
  })
  api = await startApi(couplet.context)
  client = new CoupletClient({ url: api.url, key: api.key })
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

const put = (definition: object, headers: Record<string, string>, more: object = {}): Promise<Answer> =>
  api.send('/api/v1/mappings/CUSTOMER', {
    method: 'PUT',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ definition, ...more }),
  })
const described = (description: string) => ({ ...customerMapping, description })
const stored = () => couplet.context.deps.stores.mappings.listMappings(couplet.pair.id)

describe('PUT /mappings/:name', () => {
  it('makes a mapping once, and says what would be made without making it', async () => {
    const foreseen = await put(customerMapping, {}, { dryRun: true })
    expect(foreseen.body).toMatchObject({ imported: [{ name: 'CUSTOMER', version: 1, result: 'created' }] })
    expect(await stored()).toEqual([])
    const made = await put(customerMapping, { 'if-none-match': '*' }, { reason: 'first' })
    expect([made.status, made.headers.get('etag')]).toEqual([200, '"1"'])
    const again = await put(customerMapping, { 'if-none-match': '*' })
    expect([again.status, again.body.code]).toEqual([412, 'MAPPING_EDITED'])
  })

  it('of two editors the second one is told, and overwrites nothing', async () => {
    const etag = (await api.get('/api/v1/mappings/CUSTOMER')).headers.get('etag') ?? ''
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((each) => put(described(each), { 'if-match': etag })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    const winner = answers.findIndex(({ status }) => status === 200)
    expect((await stored())[0]?.definition.description).toBe(['one', 'two', 'three'][winner])
    const late = await put(described('four'), { 'if-match': etag })
    expect(late.body).toMatchObject({
      code: 'MAPPING_EDITED',
      remedy: expect.stringContaining('Read the mapping'),
    })
    expect((await put(described('four'), { 'if-match': 'W/"2"' })).body.code).toBe('REQUEST_INVALID')
  })

  it('wants to know what was changed', async () => {
    const answer = await put(described('blind'), {})
    expect([answer.status, answer.body.code]).toEqual([428, 'PRECONDITION_MISSING'])
  })

  it('names every wrong field at once: of the form, and of the meaning', async () => {
    const form = await put(
      { ...customerMapping, direction: 'sideways', position: -1, nonsense: 1 },
      { 'if-match': '"2"' },
    )
    expect([form.status, form.body.code]).toEqual([400, 'REQUEST_INVALID'])
    for (const field of ['direction', 'position', 'nonsense'])
      expect(problemOf(form, `definition.${field}`)).toBeDefined()
    const [first, ...rest] = customerMapping.fields
    const wrong = {
      ...customerMapping,
      fields: [
        { ...first, local: 'nowhere' },
        { ...rest[0], remote: 'neither' },
      ],
    }
    const meaning = await put(wrong, { 'if-match': '"2"' })
    expect([meaning.status, meaning.body.code]).toEqual([422, 'MAPPING_INVALID'])
    expect(problemOf(meaning, 'definition.fields.0.local')).toMatchObject({
      code: 'FIELD_NOT_FOUND',
      value: 'nowhere',
    })
    expect(problemOf(meaning, 'definition.fields.1.remote')).toMatchObject({ code: 'FIELD_NOT_FOUND' })
    const renamed = await put({ ...customerMapping, name: 'OTHER' }, { 'if-match': '"2"' })
    expect(problemOf(renamed, 'definition.name')).toBeDefined()
    expect(await stored()).toMatchObject([{ version: 2 }])
  })

  it('keeps who made each version, and why, and writes it to the audit log', async () => {
    const { versions } = await client.setUp.listMappingVersions('CUSTOMER')
    expect(versions).toMatchObject([
      { version: 2, changedBy: 'api/first-start', reason: 'Changed over HTTP' },
      { version: 1, reason: 'first' },
    ])
    const newest = await client.setUp.listMappingVersions('CUSTOMER', { limit: 1 })
    expect(newest).toMatchObject({ versions: [{ version: 2 }], next: 2 })
    const older = await client.setUp.listMappingVersions('CUSTOMER', { limit: 1, before: newest.next ?? 0 })
    expect(older.versions).toMatchObject([{ version: 1 }])
    expect((await client.setUp.getMappingVersion('CUSTOMER', 1)).definition).not.toHaveProperty('description')
    await expect(client.setUp.getMappingVersion('CUSTOMER', 9)).rejects.toMatchObject({ status: 404 })
    const { entries } = await client.listAudit({ action: 'mapping.save' })
    expect(entries).toMatchObject([
      { actor: 'api/first-start', before: { version: 1 }, after: { version: 2 } },
      { before: null, after: { version: 1 }, reason: 'first' },
    ])
  })

  it('has a line that is at work go on with the new version', async () => {
    await couplet.work()
    const runId = await couplet.start('mapping', { mapping: 'CUSTOMER' })
    await client.setUp.putMapping('CUSTOMER', { definition: described('while it runs') as never }, 2)
    const { lines, run } = await couplet.ended(runId)
    expect([run.state, (await stored())[0]?.version]).toEqual(['succeeded', 3])
    expect([2, 3]).toContain(lines[0]?.mappingVersion)
  })
})

describe('POST /mappings/import', () => {
  const both = (version: number) => [
    { version: 3, definition: described('imported') as never },
    { version, definition: orderMapping as never },
  ]

  it('stores mappings that refer to each other, all of them or none', async () => {
    await expect(client.setUp.importMappings({ mappings: both(7) })).rejects.toMatchObject({
      code: 'MAPPING_EDITED',
    })
    expect(await stored()).toHaveLength(1)
    const { imported } = await client.setUp.importMappings({ mappings: both(0) })
    expect(imported.map(({ name, version, result }) => [name, version, result])).toEqual([
      ['CUSTOMER', 4, 'changed'],
      ['ORDERS', 1, 'created'],
    ])
  })

  it('names the mapping that is wrong, and one that stands there twice', async () => {
    const wrong = { ...orderMapping, remote: { table: 'nowhere' } }
    const answer = await api.post('/api/v1/mappings/import', {
      mappings: [
        { version: 4, definition: described('more') },
        { version: 1, definition: wrong },
      ],
    })
    expect(problemOf(answer, 'mappings.1.definition.remote.table')).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    const twice = await api.post('/api/v1/mappings/import', { mappings: [both(1)[1], both(1)[1]] })
    expect(problemOf(twice, 'mappings.1.definition.name')).toBeDefined()
  })
})

describe('POST /mappings/:name/disable and enable', () => {
  it('takes a mapping out of runs while its system is down, and in again once it fits', async () => {
    await couplet.systems.query('ALTER TABLE crm.account RENAME TO gone')
    expect((await client.setUp.disableMapping('CUSTOMER', { reason: 'down' })).imported).toMatchObject([
      { result: 'changed' },
    ])
    expect((await client.setUp.disableMapping('CUSTOMER')).imported).toMatchObject([{ result: 'unchanged' }])
    await expect(client.setUp.enableMapping('CUSTOMER')).rejects.toMatchObject({ code: 'MAPPING_INVALID' })
    await couplet.systems.query('ALTER TABLE crm.gone RENAME TO account')
    expect((await client.getMapping('CUSTOMER')).mapping.enabled).toBe(false)
    await client.setUp.enableMapping('CUSTOMER')
    expect((await client.getMapping('CUSTOMER')).mapping.enabled).toBe(true)
    await expect(client.setUp.enableMapping('NOBODY')).rejects.toMatchObject({ status: 404 })
  })
})
