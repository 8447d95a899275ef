import { describe, expect, it } from 'vitest'
import { readCsdl } from '../../../../src/connectors/odata/csdl.ts'

const facts = { connection: 'crm', origin: 'https://contoso.example' }
const edmx = (content: string) => `<?xml version="1.0" encoding="utf-8"?>
  <edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
    ${content}
  </edmx:DataServices></edmx:Edmx>`

const dataverse = edmx(`
  <Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
    <EntityType Name="crmbaseentity" Abstract="true" />
    <EntityType Name="principal" BaseType="mscrm.crmbaseentity">
      <Key><PropertyRef Name="ownerid" /></Key>
      <Property Name="ownerid" Type="Edm.Guid" Nullable="false" />
    </EntityType>
    <EntityType Name="systemuser" BaseType="mscrm.principal">
      <Property Name="fullname" Type="Edm.String" MaxLength="200" />
      <Property Name="notes" Type="Edm.String" MaxLength="max" />
      <Property Name="rate" Type="Edm.Decimal" Precision="12" Scale="variable" />
      <Property Name="tags" Type="Collection(Edm.String)" />
      <Property Name="mode" Type="mscrm.AccessMode" />
      <NavigationProperty Name="Parent_Account" Type="mscrm.account">
        <ReferentialConstraint Property="_parent_value" ReferencedProperty="accountid" />
      </NavigationProperty>
      <NavigationProperty Name="members" Type="Collection(mscrm.systemuser)" />
    </EntityType>
    <EnumType Name="AccessMode"><Member Name="Read &amp; Write" Value="5" /><Member Name="Other" /></EnumType>
    <EntityContainer Name="System">
      <EntitySet Name="systemusers" EntityType="Microsoft.Dynamics.CRM.systemuser">
        <NavigationPropertyBinding Path="Parent_Account" Target="accounts" />
      </EntitySet>
      <EntitySet Name="odd" EntityType="mscrm.unknown" />
      <Singleton Name="me" Type="mscrm.systemuser" />
    </EntityContainer>
  </Schema>`)

describe('a metadata document', () => {
  const model = readCsdl(dataverse, facts)

  it('gives each entity set its key and properties, with what its base types declare', () => {
    const users = model.entitySets.get('systemusers')
    expect(users).toMatchObject({ name: 'Microsoft.Dynamics.CRM.systemuser', key: ['ownerid'] })
    expect([...(users?.properties.values() ?? [])]).toEqual([
      {
        name: 'ownerid',
        type: 'Edm.Guid',
        isCollection: false,
        nullable: false,
        maxLength: null,
        precision: null,
        scale: null,
        isComputed: false,
      },
      {
        name: 'fullname',
        type: 'Edm.String',
        isCollection: false,
        nullable: true,
        maxLength: 200,
        precision: null,
        scale: null,
        isComputed: false,
      },
      {
        name: 'notes',
        type: 'Edm.String',
        isCollection: false,
        nullable: true,
        maxLength: null,
        precision: null,
        scale: null,
        isComputed: false,
      },
      {
        name: 'rate',
        type: 'Edm.Decimal',
        isCollection: false,
        nullable: true,
        maxLength: null,
        precision: 12,
        scale: null,
        isComputed: false,
      },
      {
        name: 'tags',
        type: 'Edm.String',
        isCollection: true,
        nullable: true,
        maxLength: null,
        precision: null,
        scale: null,
        isComputed: false,
      },
      {
        name: 'mode',
        type: 'Microsoft.Dynamics.CRM.AccessMode',
        isCollection: false,
        nullable: true,
        maxLength: null,
        precision: null,
        scale: null,
        isComputed: false,
      },
    ])
    expect(model.entitySets.get('odd')).toMatchObject({ key: [], properties: new Map() })
  })

  it('spells navigation properties as they are, and says where they lead', () => {
    expect([...(model.entitySets.get('systemusers')?.navigation.values() ?? [])]).toEqual([
      {
        name: 'Parent_Account',
        target: 'Microsoft.Dynamics.CRM.account',
        isCollection: false,
        entitySet: 'accounts',
        constraints: new Map([['_parent_value', 'accountid']]),
      },
      {
        name: 'members',
        target: 'Microsoft.Dynamics.CRM.systemuser',
        isCollection: true,
        entitySet: null,
        constraints: new Map(),
      },
    ])
  })

  it('lists the members of enumerations', () => {
    expect([...(model.enums.get('Microsoft.Dynamics.CRM.AccessMode') ?? [])]).toEqual([
      ['Read & Write', '5'],
      ['Other', '1'],
    ])
  })

  it('does not follow base types in a circle', () => {
    const circle = edmx(`<Schema Namespace="N">
      <EntityType Name="A" BaseType="N.B"><Property Name="a" Type="Edm.Int32"/></EntityType>
      <EntityType Name="B" BaseType="N.A"><Property Name="b" Type="Edm.Int32"/></EntityType>
      <EntityContainer Name="C"><EntitySet Name="as" EntityType="N.A"/></EntityContainer></Schema>`)
    expect([...(readCsdl(circle, facts).entitySets.get('as')?.properties.keys() ?? [])]).toEqual(['b', 'a'])
  })

  it.each([
    ['no XML', 'hello'],
    ['XML that breaks off', dataverse.slice(0, 900)],
    ['a web page', '<html><body/></html>'],
    [
      'a version before 4',
      '<edmx:Edmx><edmx:DataServices/><x/></edmx:Edmx>'.replace('DataServices', 'Other'),
    ],
    ['nameless types', edmx('<Schema Namespace="N"><EntityType/></Schema>')],
    [
      'texts that grow without end',
      `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${edmx('<Schema Namespace="N">&b;</Schema>')}`,
    ],
  ])('%s is none', (_what, text) => {
    expect(() => readCsdl(text, facts)).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
  })

  it('may be empty', () => {
    expect(readCsdl(edmx('<Schema Namespace="N"/>'), facts)).toEqual({
      entitySets: new Map(),
      enums: new Map(),
    })
  })
})
