import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Choice } from '../../src/connectors/dataverse/option-metadata.ts'
import { parseChoice } from '../../src/connectors/dataverse/option-metadata.ts'
import { openOptionTable } from '../../src/connectors/dataverse/option-table.ts'
import type { ConnectedTable, WriteOperation, WriteResult } from '../../src/core/ports/connector.ts'
import { present } from '../../src/lib/assert.ts'
import { application, type OpenDataverse, openDataverse } from '../support/dataverse.ts'
import { openClient, type TestClient } from '../support/http/odata.ts'

const signal = new AbortController().signal
const fields = ['value', 'label']

describe('the options of a choice as a table', () => {
  let dataverse: OpenDataverse
  let test: TestClient
  beforeAll(async () => {
    dataverse = await openDataverse()
    const { url, tenant } = dataverse.simulator
    const { clientId, clientSecret: secret } = application
    const tokenUrl = new URL(`${url}/${tenant}/oauth2/v2.0/token`)
    const user = { kind: 'client-secret', secret, tokenUrl, clientId, scope: `${url}/.default` } as const
    test = openClient(new URL(`${dataverse.root}/`), { users: new Map([[clientId, user]]) })
  })
  beforeEach(async () => {
    await dataverse.admin('reset', {})
  })
  afterAll(async () => {
    await test.transport.close()
    await dataverse.close()
  })

  const open = (name = 'account.paymenttermscode', mayWrite = true): Promise<ConnectedTable> => {
    const choice: Choice = present(parseChoice(name), 'choice')
    const settings = { client: test.client, mayWrite, maxServerRunMs: 0 }
    return openOptionTable(settings, choice, { table: name }, signal)
  }
  const write = async (table: ConnectedTable, operation: WriteOperation): Promise<WriteResult> => {
    const request = { operations: [operation], returning: fields, assertMaySend: () => {}, signal }
    return present((await table.write(request))[0], 'result')
  }
  const insert = (label: string): WriteOperation => ({
    kind: 'insert',
    token: label,
    key: null,
    values: { label: `text:${label}` },
  })
  const rename = (key: string, expectedVersion: string, label: string): WriteOperation => ({
    kind: 'update',
    key,
    expectedVersion,
    values: { label: `text:${label}` },
  })
  const labels = async (table: ConnectedTable): Promise<readonly string[]> => {
    const { records } = await table.readAll({ fields, filter: null, cursor: null, limit: 100, signal })
    return records.map(({ values }) => `${values['value']} ${values['label']}`)
  }

  it('shows value and label, page by page, and is found without regard to capitals', async () => {
    const table = await open('account.address1_shippingmethodcode')
    expect(table.schema).toMatchObject({ isOptionSet: true, keyFields: ['value'], modifiedField: null })
    const first = await table.readAll({ fields, filter: null, cursor: null, limit: 5, signal })
    const rest = await table.readAll({ fields, filter: null, cursor: first.next, limit: 5, signal })
    expect([first.records.length, rest.records.length, rest.next]).toEqual([5, 2, null])
    const [found] = await table.findByMatch({
      fields: [],
      filter: null,
      matchFields: [{ field: 'label', caseSensitive: false }],
      candidates: [['text:FEDEX']],
      limitPerCandidate: 2,
      signal,
    })
    expect(found?.map(({ key }) => key)).toEqual(['int:3'])
    expect([...(await table.readByKeys(['int:4', 'int:99'], ['label'], signal)).keys()]).toEqual(['int:4'])
  })

  it('writes nothing unless it is asked to, and says what helps', async () => {
    const table = await open('account.paymenttermscode', false)
    const before = await labels(table)
    expect(await write(table, insert('14 DAYS'))).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'OPTION_NOT_MAPPED',
        value: '14 DAYS',
        message: expect.stringMatching(/writeOptions: yes/),
      },
    })
    expect(await write(table, rename('int:1', 'Net 30', '30 DAYS'))).toMatchObject({
      problem: { code: 'MODIFY_FAILED' },
    })
    expect(await labels(table)).toEqual(before)
  })

  it('adds an option once, however often it is asked', async () => {
    const table = await open()
    const added = await write(table, insert('14 DAYS'))
    expect(added).toMatchObject({ status: 'written', record: { values: { label: 'text:14 DAYS' } } })
    expect(await write(table, insert('14 days'))).toMatchObject({ status: 'exists' })
    expect((await labels(table)).filter((label) => label.endsWith('14 DAYS'))).toHaveLength(1)
  })

  it('adds an option once although the answer to the first attempt is lost', async () => {
    const table = await open()
    dataverse.inject({ kind: 'reset', when: 'after', match: { url: '/InsertOptionValue' } })
    await expect(write(table, insert('21 DAYS'))).rejects.toThrow()
    expect(await write(table, insert('21 DAYS'))).toMatchObject({ status: 'exists' })
    expect((await labels(table)).filter((label) => label.endsWith('21 DAYS'))).toHaveLength(1)
  })

  it('renames an option only while it is called what was read, and never as another one', async () => {
    const table = await open()
    expect(await write(table, rename('int:1', 'Net 31', '30 DAYS'))).toEqual({ status: 'version-mismatch' })
    expect(await write(table, rename('int:1', 'Net 30', 'net 45'))).toMatchObject({
      status: 'rejected',
      problem: { message: expect.stringMatching(/option 3 is called net 45 already/) },
    })
    expect(await write(table, rename('int:1', 'Net 30', '30 DAYS'))).toMatchObject({
      status: 'written',
      record: { key: 'int:1', version: '30 DAYS' },
    })
    expect(await write(table, rename('int:99', 'x', 'y'))).toEqual({ status: 'missing' })
  })

  it('refuses a choice, a key and fields that do not exist', async () => {
    await expect(open('account.nothing')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    const table = await open()
    await expect(table.readByKeys(['int:1'], ['colour'], signal)).rejects.toMatchObject({
      code: 'FIELD_NOT_FOUND',
    })
    const settings = { client: test.client, mayWrite: false, maxServerRunMs: 0 }
    const choice = { table: 'account', column: 'paymenttermscode' }
    const address = { table: 'account.paymenttermscode', modifiedField: 'modifiedon' }
    await expect(openOptionTable(settings, choice, address, signal)).rejects.toMatchObject({
      code: 'MODIFIED_FIELD_MISSING',
    })
  })
})
