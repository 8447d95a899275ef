import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenDataverse, openDataverse, refusalOf } from '../../../support/dataverse.ts'

let dataverse: OpenDataverse
beforeAll(async () => {
  dataverse = await openDataverse()
})
afterAll(() => dataverse.close())
const get = (path: string) => dataverse.get(path)

it('the service document lists the tables', async () => {
  const names = (await get('')).json.value.map((each: { name: string }) => each.name)
  expect(names).toEqual(expect.arrayContaining(['accounts', 'contacts', 'products', 'transactioncurrencies']))
})

it('$metadata names types, lengths, keys, and the navigation properties of lookups', async () => {
  const answer = await get('$metadata')
  expect(answer.headers.get('content-type')).toBe('application/xml')
  expect(answer.text).toContain(
    '<Property Name="accountnumber" Type="Edm.String" MaxLength="20" Unicode="true" />',
  )
  expect(answer.text).toContain('<NavigationProperty Name="parentcustomerid_account" Type="mscrm.account"')
  expect(answer.text).toContain(
    '<ReferentialConstraint Property="_parentcustomerid_value" ReferencedProperty="accountid" />',
  )
  expect(answer.text).toContain('<EntitySet Name="uoms" EntityType="Microsoft.Dynamics.CRM.uom">')
  expect(answer.text.match(/<EntityType /g)?.length).toBe(
    answer.text.match(/<\/EntityType>|Abstract="true" \/>/g)?.length,
  )
})

it('tables are described one by one, and found by filters', async () => {
  const one = await get(
    "EntityDefinitions(LogicalName='account')?$select=EntitySetName,ChangeTrackingEnabled",
  )
  expect(one.json).toMatchObject({ EntitySetName: 'accounts', ChangeTrackingEnabled: true })
  expect(one.json.LogicalName).toBeUndefined()
  const found = await get("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'contact'")
  expect(found.json.value).toMatchObject([{ LogicalName: 'contact' }])
  const byId = await get(`EntityDefinitions(${found.json.value[0].MetadataId})`)
  expect(byId.json.LogicalName).toBe('contact')
  const all = await get('EntityDefinitions?$filter=ChangeTrackingEnabled eq false')
  expect(all.json.value).toMatchObject([{ LogicalName: 'organization' }])
  expect((await get("EntityDefinitions(LogicalName='nothing')")).status).toBe(404)
})

it('columns have types, lengths and who may write them; options come below a cast', async () => {
  const path = "EntityDefinitions(LogicalName='account')/Attributes"
  const columns = (await get(path)).json.value
  const column = (name: string) => columns.find((each: { LogicalName: string }) => each.LogicalName === name)
  expect(column('name')).toMatchObject({ AttributeType: 'String', MaxLength: 160, IsPrimaryName: true })
  expect(column('creditlimit')).toMatchObject({ AttributeType: 'Money', Precision: 4 })
  expect(column('versionnumber')).toMatchObject({ AttributeType: 'BigInt', IsValidForUpdate: false })
  expect(column('ownerid')).toMatchObject({ AttributeType: 'Owner', Targets: ['systemuser', 'team'] })
  expect(column('paymenttermscode').OptionSet).toBeUndefined()
  const choices = await get(
    `${path}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet`,
  )
  const terms = choices.json.value.find(
    (each: { LogicalName: string }) => each.LogicalName === 'paymenttermscode',
  )
  expect(terms.OptionSet.Options[0]).toMatchObject({
    Value: 1,
    Label: { UserLocalizedLabel: { Label: 'Net 30' } },
  })
  const states = await get(
    "EntityDefinitions(LogicalName='product')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$expand=OptionSet",
  )
  expect(states.json.OptionSet.Options).toContainEqual(expect.objectContaining({ Value: 0, State: 2 }))
  const flags = await get(
    "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.BooleanAttributeMetadata?$expand=OptionSet",
  )
  expect(flags.json.value[0].OptionSet.TrueOption.Value).toBe(1)
  expect((await get(`${path}(LogicalName='nothing')`)).status).toBe(404)
})

it('keys and lookups have their own lists, also expanded', async () => {
  const keys = await get(
    "EntityDefinitions(LogicalName='contact')/Keys?$select=KeyAttributes,EntityKeyIndexStatus",
  )
  expect(keys.json.value).toMatchObject([
    { KeyAttributes: ['firstname', 'emailaddress1'], EntityKeyIndexStatus: 'Active' },
  ])
  const lookups = await get(
    "EntityDefinitions(LogicalName='contact')/ManyToOneRelationships?$filter=ReferencingAttribute eq 'parentcustomerid'",
  )
  expect(
    lookups.json.value.map(
      (each: { ReferencingEntityNavigationPropertyName: string }) =>
        each.ReferencingEntityNavigationPropertyName,
    ),
  ).toEqual(['parentcustomerid_account', 'parentcustomerid_contact'])
  const expand =
    'Attributes($select=LogicalName,MaxLength),Keys($select=KeyAttributes),ManyToOneRelationships($select=ReferencedEntity)'
  const one = await get(`EntityDefinitions(LogicalName='product')?$select=LogicalName&$expand=${expand}`)
  expect(one.json.Keys).toMatchObject([{ KeyAttributes: ['productnumber'] }])
  expect(one.json.Attributes.length).toBeGreaterThan(20)
  expect(refusalOf(await get("EntityDefinitions(LogicalName='product')?$expand=Nothing"))).toBe('400 0x0')
  expect(refusalOf(await get("EntityDefinitions(LogicalName='product')/Nothing"))).toBe('404 0x8006088a')
})
