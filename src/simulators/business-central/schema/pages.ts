import type { Table } from './field.ts'
import { serviceName } from './names.ts'
import { type TableName, tableNames, tables } from './tables.ts'

/** The three doors to the same tables: API v2.0, a custom API, and published pages (connectors.md B.1, B.10). */
export type Service = 'standard' | 'custom' | 'pages'

/** The route of the custom API: publisher, group, version. */
export const customRoute = 'couplet/sync/v1.0'

/** What a door shows of a table. */
export interface Page {
  readonly service: Service
  readonly entitySet: string
  readonly entityType: string
  readonly table: TableName
  /** Columns of the table by the name they have here. */
  readonly columns: ReadonlyMap<string, string>
  /** The names of the key here. */
  readonly key: readonly string[]
  readonly readOnly: boolean
  /** Records that stand only below a record of another set; `column` repeats the key of that one. */
  readonly parent: { readonly entitySet: string; readonly column: string } | null
  /** Whether changes are announced by webhooks (connectors.md B.8). */
  readonly isAnnounced: boolean
}

interface Described {
  readonly table: TableName
  readonly columns: string
  readonly more?: Partial<Pick<Page, 'readOnly' | 'parent' | 'isAnnounced'>>
}

const address = 'addressLine1 addressLine2 city state country postalCode phoneNumber'

/** API v2.0 as far as the default mappings need it (connectors.md B.2); every set has `id` and `lastModifiedDateTime`. */
const standardSets: Readonly<Record<string, Described>> = {
  currencies: {
    table: 'currency',
    columns: 'code displayName symbol amountDecimalPlaces amountRoundingPrecision',
  },
  salespeoplePurchasers: {
    table: 'salesperson',
    columns: 'code displayName email email2 phoneNo jobTitle commisionPercent privacyBlocked blocked',
    more: { isAnnounced: false },
  },
  unitsOfMeasure: {
    table: 'unitOfMeasure',
    columns: 'code displayName internationalStandardCode symbol',
  },
  paymentTerms: {
    table: 'paymentTerm',
    columns:
      'code displayName dueDateCalculation discountDateCalculation discountPercent calculateDiscountOnCreditMemos',
  },
  shipmentMethods: { table: 'shipmentMethod', columns: 'code displayName' },
  employees: {
    table: 'employee',
    columns:
      'number displayName givenName middleName surname jobTitle email mobilePhone status employmentDate terminationDate birthDate',
  },
  customers: {
    table: 'customer',
    columns: `number displayName type ${address} email website salespersonCode balanceDue creditLimit taxLiable currencyId currencyCode paymentTermsId shipmentMethodId blocked`,
  },
  vendors: {
    table: 'vendor',
    columns: `number displayName ${address} email website currencyId currencyCode paymentTermsId taxLiable blocked balance`,
  },
  contacts: {
    table: 'contact',
    columns: `number type displayName jobTitle companyNumber companyName businessRelation ${address} mobilePhoneNumber email website privacyBlocked`,
    more: { isAnnounced: false },
  },
  items: {
    table: 'item',
    columns:
      'number displayName type itemCategoryCode blocked gtin inventory unitPrice priceIncludesTax unitCost baseUnitOfMeasureId baseUnitOfMeasureCode',
  },
  salesOrders: {
    table: 'salesOrder',
    columns:
      'number externalDocumentNumber orderDate requestedDeliveryDate customerId customerNumber customerName currencyId currencyCode salesperson totalAmountExcludingTax status',
  },
  salesOrderLines: {
    table: 'salesOrderLine',
    columns: 'documentId sequence lineType lineObjectNumber description quantity unitPrice netAmount',
    more: {
      readOnly: true,
      parent: { entitySet: 'salesOrders', column: 'documentNumber' },
      isAnnounced: false,
    },
  },
  opportunities: {
    table: 'opportunity',
    columns:
      'number contactNumber contactName salespersonCode description status creationDate dateClosed estimatedValue',
  },
}

/** The custom API has every column of its tables. */
const customSets: Readonly<Record<string, TableName>> = {
  currencies: 'currency',
  currencyExchangeRates: 'currencyExchangeRate',
  salespeople: 'salesperson',
  unitsOfMeasure: 'unitOfMeasure',
  paymentTerms: 'paymentTerm',
  shipmentMethods: 'shipmentMethod',
  shippingAgents: 'shippingAgent',
  customers: 'customer',
  vendors: 'vendor',
  contacts: 'contact',
  items: 'item',
  resources: 'resource',
}

/** Singular names that do not follow from the plural. */
const entityTypes: Readonly<Record<string, string>> = {
  salespeople: 'salesperson',
  unitsOfMeasure: 'unitOfMeasure',
  currencies: 'currency',
  opportunities: 'opportunity',
  salespeoplePurchasers: 'salespersonPurchaser',
}

const pageNames: Readonly<Partial<Record<TableName, string>>> = {
  salesperson: 'Salesperson',
  salesOrder: 'SalesOrder',
  salesOrderLine: 'SalesOrderLine',
}

/** All sets of a service by their name in the URL. */
export const pages: Readonly<Record<Service, ReadonlyMap<string, Page>>> = {
  standard: bySet(
    Object.entries(standardSets).map(([entitySet, { table, columns, more }]) =>
      apiPage('standard', entitySet, table, columns.split(' '), more),
    ),
  ),
  custom: bySet(
    Object.entries(customSets).map(([entitySet, table]) =>
      apiPage('custom', entitySet, table, Object.keys(tables[table].fields), {
        isAnnounced: table !== 'currencyExchangeRate',
      }),
    ),
  ),
  pages: bySet(tableNames.map(servicePage)),
}

function bySet(list: readonly Page[]): ReadonlyMap<string, Page> {
  return new Map(list.map((page) => [page.entitySet, page]))
}

function apiPage(
  service: Service,
  entitySet: string,
  table: TableName,
  columns: readonly string[],
  more: Described['more'] = {},
): Page {
  const shown = ['id', ...columns, 'lastModifiedDateTime']
  return {
    service,
    entitySet,
    entityType: entityTypes[entitySet] ?? entitySet.replace(/s$/, ''),
    table,
    columns: new Map(shown.map((column) => [column, column])),
    key: ['id'],
    readOnly: false,
    parent: null,
    isAnnounced: true,
    ...more,
  }
}

/** Pages show no ids and no times: `Last_Date_Modified` is all that tells of a change (connectors.md B.4). */
function servicePage(table: TableName): Page {
  const { caption, fields, key }: Table = tables[table]
  const shown = Object.entries(fields).filter(([, field]) => field.idOf === undefined && !field.isApiOnly)
  const columns = new Map(shown.map(([column, field]) => [serviceName(field.caption), column]))
  const nameOf = new Map([...columns].map(([name, column]) => [column, name]))
  const keyColumns = table === 'salesOrder' ? ['documentType', ...key] : key
  const entitySet = pageNames[table] ?? serviceName(caption)
  return {
    service: 'pages',
    entitySet,
    entityType: entitySet,
    table,
    columns,
    key: keyColumns.map((column) => nameOf.get(column) ?? column),
    readOnly: table === 'salesOrderLine',
    parent: null,
    isAnnounced: false,
  }
}

/** Everything there is of a table, for the admin interface. */
export function wholeTable(table: TableName): Page {
  return apiPage('custom', table, table, Object.keys(tables[table].fields))
}
