import { DynamicsWebApi } from 'dynamics-web-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenDataverse, openDataverse, signIn, smallSize } from '../support/dataverse.ts'

/** The simulator as a client sees it that nobody here has written. */
let dataverse: OpenDataverse
let client: DynamicsWebApi
const accounts = smallSize.customers + smallSize.vendors

beforeAll(async () => {
  dataverse = await openDataverse()
  const { url } = dataverse.simulator
  client = new DynamicsWebApi({
    serverUrl: `${url}/`,
    dataApi: { version: '9.2' },
    propagateErrors: true,
    disableODataIdAbsoluteUrl: true,
    onTokenRefresh: () => signIn(url),
  })
})
afterAll(() => dataverse.close())

type Row = Record<string, unknown>

const make = (data: Row) => client.create<Row>({ collection: 'accounts', data, returnRepresentation: true })

describe('dynamics-web-api', () => {
  it('creates a record, and gets its id or its row', async () => {
    const id = await client.create<Row, string>({ collection: 'accounts', data: { name: 'Made' } })
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    const row = await client.retrieve<Row>({ collection: 'accounts', key: id, select: ['name', 'createdon'] })
    expect(row).toMatchObject({ name: 'Made', createdon: expect.anything() })
    expect((await make({ name: 'Full', creditlimit: 12.5 }))['creditlimit']).toBe(12.5)
  })

  it('reads all pages, with order, filter and expanded lookups', async () => {
    const first = await client.retrieveMultiple<Row>({
      collection: 'accounts',
      select: ['name'],
      maxPageSize: 10,
      orderBy: ['modifiedon', 'accountid'],
      filter: 'accountnumber ne null',
      expand: [{ property: 'primarycontactid', select: ['fullname'] }],
    })
    expect(first.value).toHaveLength(10)
    expect(first.value[0]?.['primarycontactid']).toMatchObject({ fullname: expect.any(String) })
    const all = await client.retrieveAll<Row>({
      collection: 'accounts',
      select: ['name'],
      maxPageSize: 10,
      filter: 'accountnumber ne null',
    })
    expect(all.value).toHaveLength(accounts)
    expect(await client.count({ collection: 'contacts' })).toBe(smallSize.contacts)
  })

  it('sees labels and the tables of lookups', async () => {
    const { value } = await client.retrieveMultiple<Row>({
      collection: 'contacts',
      select: ['statecode', '_parentcustomerid_value'],
      includeAnnotations: '*',
      top: 1,
    })
    expect(value[0]).toMatchObject({
      statecode_Formatted: 'Active',
      _parentcustomerid_value_LogicalName: 'account',
    })
  })

  it('updates by version, and is told when it is stale', async () => {
    const made = await make({ name: 'Versioned' })
    const key = String(made['accountid'])
    const ifmatch = String(made['@odata.etag'])
    const changed = await client.update<Row>({
      collection: 'accounts',
      key,
      data: { name: 'V2' },
      ifmatch,
      returnRepresentation: true,
    })
    expect(changed['name']).toBe('V2')
    const stale = client.update({ collection: 'accounts', key, data: { name: 'V3' }, ifmatch })
    await expect(stale).rejects.toMatchObject({ status: 412, code: '0x80060882' })
    await client.updateSingleProperty({ collection: 'accounts', key, fieldValuePair: { description: 'one' } })
    const bare = await client.retrieve<Row>({ collection: 'accounts', key, select: ['description'] })
    expect(bare['description']).toBe('one')
  })

  it('upserts by an alternate key, creates only, and deletes', async () => {
    const key = "accountnumber='DWA-1'"
    const upsert = (name: string, more: object = {}) =>
      client.upsert<Row>({ collection: 'accounts', key, data: { name }, returnRepresentation: true, ...more })
    const made = await upsert('A')
    expect((await upsert('B'))['accountid']).toBe(made['accountid'])
    await expect(upsert('C', { ifnonematch: '*' })).rejects.toMatchObject({ status: 412, code: '0x80040237' })
    await client.deleteRecord({ collection: 'accounts', key })
    await expect(client.retrieve({ collection: 'accounts', key, select: ['name'] })).rejects.toMatchObject({
      status: 404,
      code: '0x80060891',
    })
  })

  it('binds, changes and removes lookups', async () => {
    const account = await make({ name: 'Links' })
    const contact = await client.create<Row>({
      collection: 'contacts',
      data: {
        lastname: 'Linked',
        'parentcustomerid_account@odata.bind': `accounts(${account['accountid']})`,
      },
      returnRepresentation: true,
    })
    expect(contact['_parentcustomerid_value']).toBe(account['accountid'])
    const link = {
      collection: 'accounts',
      primaryKey: String(account['accountid']),
      navigationProperty: 'primarycontactid',
    }
    await client.associateSingleValued({
      ...link,
      relatedCollection: 'contacts',
      relatedKey: String(contact['contactid']),
    })
    const read = () =>
      client.retrieve<Row>({
        collection: 'accounts',
        key: link.primaryKey,
        select: ['_primarycontactid_value'],
      })
    expect((await read())['_primarycontactid_value']).toBe(contact['contactid'])
    await client.disassociateSingleValued(link)
    expect((await read())['_primarycontactid_value'] ?? null).toBeNull()
  })

  it('follows changes by delta links', async () => {
    const first = await client.retrieveMultiple<Row>({
      collection: 'products',
      select: ['name'],
      trackChanges: true,
    })
    expect(first.value).toHaveLength(smallSize.items + smallSize.resources)
    const [one, two] = first.value
    await client.update({
      collection: 'products',
      key: String(one?.['productid']),
      data: { name: 'Changed' },
    })
    await client.deleteRecord({ collection: 'products', key: String(two?.['productid']) })
    const changes = await client.retrieveMultiple<Row>(
      { collection: 'products', select: ['name'] },
      first.oDataDeltaLink,
    )
    expect(changes.value).toMatchObject([{ name: 'Changed' }, { id: two?.['productid'], reason: 'deleted' }])
    expect(changes.oDataDeltaLink).not.toBe(first.oDataDeltaLink)
  })

  it('sends a batch with a change set and references', async () => {
    client.startBatch()
    void client.create({ collection: 'accounts', data: { name: 'Batch parent' }, contentId: '1' })
    void client.create({
      collection: 'contacts',
      data: { lastname: 'Batch child', 'parentcustomerid_account@odata.bind': '$1' },
    })
    await client.executeBatch()
    const { value } = await client.retrieveMultiple<Row>({
      collection: 'contacts',
      select: ['lastname'],
      filter: "parentcustomerid_account/name eq 'Batch parent'",
    })
    expect(value).toMatchObject([{ lastname: 'Batch child' }])
  })

  it('calls functions and bulk actions', async () => {
    expect(await client.callFunction<Row>('WhoAmI')).toMatchObject({ UserId: expect.any(String) })
    const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' }
    const made = await client.callAction<{ Ids: string[] }>({
      collection: 'accounts',
      actionName: 'Microsoft.Dynamics.CRM.CreateMultiple',
      action: {
        Targets: [
          { ...type, name: 'Bulk 1' },
          { ...type, name: 'Bulk 2' },
        ],
      },
    })
    expect(made.Ids).toHaveLength(2)
  })

  it('reads metadata', async () => {
    const entities = await client.retrieveEntities<Row>({
      select: ['LogicalName', 'EntitySetName'],
      filter: "LogicalName eq 'account'",
    })
    expect(entities.value).toMatchObject([{ EntitySetName: 'accounts' }])
    const columns = await client.retrieveAttributes<Row>({
      entityKey: "LogicalName='account'",
      select: ['LogicalName', 'AttributeType'],
    })
    expect(columns.value).toContainEqual(
      expect.objectContaining({ LogicalName: 'creditlimit', AttributeType: 'Money' }),
    )
    expect(await client.retrieveCsdlMetadata()).toContain('<EntityType Name="account"')
  })
})
