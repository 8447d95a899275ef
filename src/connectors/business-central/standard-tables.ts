/** What the metadata does not tell about a table: by the entity sets of API v2.0, and by the settings of a connection. */
export interface TableFacts {
  /** Fields whose values the system keeps in capitals and without outer blanks (Code). */
  readonly codeFields?: readonly string[] | undefined
  /** Fields that no record of another one has, and which can be written: they tell whether it has been created already. */
  readonly businessKey?: readonly string[] | undefined
  /** The business key is drawn from a number series where a new record comes without it. */
  readonly numberSeries?: boolean | undefined
  /** Fields a new record must have. */
  readonly requiredFields?: readonly string[] | undefined
  /** Fields that are shown and cannot be written. */
  readonly readOnlyFields?: readonly string[] | undefined
  /** Members of options that are shown as texts, in order: the first one is 0. An empty text is the blank member. */
  readonly options?: Readonly<Record<string, readonly string[]>> | undefined
}

const related = (...names: readonly string[]) => names.map((name) => `${name}Code`)

/** API v2.0 (connectors.md B.2); other tables have what the settings say. */
export const standardTables: Readonly<Record<string, TableFacts>> = {
  currencies: { codeFields: ['code'], businessKey: ['code'] },
  salespeoplePurchasers: { codeFields: ['code'], businessKey: ['code'], numberSeries: true },
  unitsOfMeasure: { codeFields: ['code', 'internationalStandardCode'], businessKey: ['code'] },
  paymentTerms: { codeFields: ['code'], businessKey: ['code'] },
  paymentMethods: { codeFields: ['code'], businessKey: ['code'] },
  shipmentMethods: { codeFields: ['code'], businessKey: ['code'] },
  countriesRegions: { codeFields: ['code'], businessKey: ['code'] },
  itemCategories: { codeFields: ['code'], businessKey: ['code'] },
  customers: {
    codeFields: ['number', 'country', 'postalCode', ...related('currency', 'salesperson')],
    businessKey: ['number'],
    numberSeries: true,
    requiredFields: ['displayName'],
    readOnlyFields: ['balanceDue'],
  },
  vendors: {
    codeFields: ['number', 'country', 'postalCode', ...related('currency')],
    businessKey: ['number'],
    numberSeries: true,
    requiredFields: ['displayName'],
    readOnlyFields: ['balance'],
  },
  contacts: {
    codeFields: ['number', 'companyNumber', 'country', 'postalCode'],
    businessKey: ['number'],
    numberSeries: true,
    readOnlyFields: ['companyName', 'businessRelation'],
  },
  items: {
    codeFields: ['number', ...related('itemCategory', 'baseUnitOfMeasure')],
    businessKey: ['number'],
    numberSeries: true,
    readOnlyFields: ['inventory'],
  },
  employees: { codeFields: ['number'], businessKey: ['number'], numberSeries: true },
  salesOrders: {
    codeFields: ['number', 'customerNumber', ...related('currency')],
    businessKey: ['number'],
    numberSeries: true,
    readOnlyFields: ['customerName', 'totalAmountExcludingTax', 'status'],
  },
  opportunities: {
    codeFields: ['number', 'contactNumber', 'salespersonCode'],
    businessKey: ['number'],
    numberSeries: true,
    readOnlyFields: ['contactName'],
  },
}
