import type { DynamicsSystems } from './systems.ts'

/** References under which the secrets of both connections are found. */
export interface SecretReferences {
  readonly local: string
  readonly remote: string
}

/** The API of the demo's Business Central that shows what API v2.0 does not. */
const customApi = 'couplet/sync/v1.0'

const partnerCodes = [
  'number',
  'postalCode',
  'country',
  'currencyCode',
  'paymentTermsCode',
  'shipmentMethodCode',
  'shippingAgentCode',
  'primaryContactNumber',
]
const productCodes = ['number', 'baseUnitOfMeasureCode', 'vendorNumber']

/** What no metadata tells about the pages of a custom API: which texts are codes, and by what a record is known. */
const tableFacts = {
  currencies: { codeFields: ['code'], businessKey: ['code'] },
  shippingAgents: { codeFields: ['code'], businessKey: ['code'] },
  customers: { codeFields: [...partnerCodes, 'salespersonCode'], businessKey: ['number'] },
  vendors: { codeFields: [...partnerCodes, 'purchaserCode'], businessKey: ['number'] },
  contacts: {
    codeFields: [
      'number',
      'customerNumber',
      'postalCode',
      'country',
      'salespersonCode',
      'currencyCode',
      'salutationCode',
    ],
    businessKey: ['number'],
  },
  items: { codeFields: productCodes, businessKey: ['number'], readOnlyFields: ['inventory'] },
  resources: { codeFields: productCodes, businessKey: ['number'] },
}

/** The settings of the connection to Business Central. */
export function localSettings(systems: DynamicsSystems, { local: clientSecret }: SecretReferences) {
  const { tenant, clientId } = systems
  const { url, authority, company } = systems.local
  const tables = Object.entries(tableFacts).map(([name, facts]) => [`${customApi}/${name}`, facts])
  return {
    kind: 'business-central',
    settings: {
      url,
      tenant,
      environment: 'Production',
      company,
      authority,
      clientId,
      clientSecret,
      apis: `v2.0,${customApi}`,
      tables: JSON.stringify(Object.fromEntries(tables)),
      requestsPerFiveMinutes: '100000',
    },
  }
}

/** The settings of the connection to Dataverse. */
export function remoteSettings(systems: DynamicsSystems, { remote: clientSecret }: SecretReferences) {
  const { tenant, clientId } = systems
  const { url } = systems.remote
  return {
    kind: 'dataverse',
    settings: {
      url,
      tenant,
      authority: url,
      clientId,
      clientSecret,
      requestsPerFiveMinutes: '100000',
      executionSecondsPerFiveMinutes: '100000',
    },
  }
}
