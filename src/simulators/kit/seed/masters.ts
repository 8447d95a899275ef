/** The local currency: no row of its own in the ERP, the base currency of the CRM. */
export const localCurrency = 'DKK'

export interface SeedCurrency {
  readonly code: string
  readonly symbol: string
  readonly name: string
  /** What one hundred are worth in the local currency; null while nobody has entered a rate. */
  readonly worth: string | null
  /** The CRM has it from the start. */
  readonly isKnown: boolean
}

const currency = (
  code: string,
  symbol: string,
  name: string,
  worth: string | null,
  isKnown = false,
): SeedCurrency => ({ code, symbol, name, worth, isKnown })

export const seedCurrencies: readonly SeedCurrency[] = [
  currency('AUD', 'A$', 'Australian dollar', '461.80'),
  currency('CAD', 'C$', 'Canadian dollar', '502.33'),
  currency('CHF', 'CHF', 'Swiss franc', '781.90'),
  currency('CZK', 'Kč', 'Czech koruna', '29.64'),
  currency('EUR', '€', 'Euro', '746.05', true),
  currency('GBP', '£', 'Pound sterling', '872.44', true),
  currency('ISK', 'ISK', 'Icelandic krona', '4.99'),
  currency('JPY', '¥', 'Japanese yen', '4.42'),
  currency('MXN', 'Mex$', 'Mexican peso', null),
  currency('NOK', 'NOK', 'Norwegian krone', '64.10', true),
  currency('PLN', 'zł', 'Polish zloty', '173.11'),
  currency('SEK', 'SEK', 'Swedish krona', '65.42', true),
  currency('USD', '$', 'US dollar', '691.20', true),
]

export interface SeedPerson {
  /** Code of the salesperson in the ERP. */
  readonly code: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly jobTitle: string
}

const people: readonly (readonly [string, string, string])[] = [
  ['AHL', 'Annette Hill', 'Sales Manager'],
  ['BDA', 'Bart Duncan', 'Sales Representative'],
  ['DCH', 'David Campbell', 'Sales Representative'],
  ['ESK', 'Eva Skovgaard', 'Key Account Manager'],
  ['HRM', 'Henrik Marker', 'Inside Sales'],
  ['JOR', 'John Roberts', 'Sales Representative'],
  ['LSN', 'Linda Sandberg', 'Inside Sales'],
  ['MSC', 'Mary Schneider', 'Key Account Manager'],
  ['PSP', 'Peter Saddow', 'Sales Representative'],
  ['RBK', 'Rikke Bak', 'Sales Representative'],
]

/** The salespeople, who are users of the CRM, too; matched by their addresses. */
export const seedPeople = people.map(
  ([code, name, jobTitle], position): SeedPerson => ({
    code,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@couplet.example`,
    phone: `+45 ${10_203_040 + position}`,
    jobTitle,
  }),
) as [SeedPerson, ...SeedPerson[]]

export interface SeedUnit {
  readonly code: string
  readonly name: string
  /** International code of the ERP's standard. */
  readonly standardCode: string
  readonly isKnown: boolean
}

const unit = (code: string, name: string, standardCode: string, isKnown = false): SeedUnit => ({
  code,
  name,
  standardCode,
  isKnown,
})

export const seedUnits: readonly SeedUnit[] = [
  unit('BOX', 'Box', 'BX'),
  unit('CAN', 'Can', 'CA'),
  unit('DAY', 'Day', 'DAY'),
  unit('HOUR', 'Hour', 'HUR', true),
  unit('KG', 'Kilogram', 'KGM', true),
  unit('KM', 'Kilometre', 'KMT'),
  unit('L', 'Litre', 'LTR'),
  unit('PACK', 'Pack', 'PK'),
  unit('PCS', 'Piece', 'EA', true),
  unit('SET', 'Set', 'SET'),
]
export const itemUnits = ['PCS', 'PCS', 'BOX', 'PACK', 'SET', 'KG', 'CAN'] as const
export const resourceUnits = ['HOUR', 'HOUR', 'DAY', 'KM'] as const

/** Code in the ERP, and the label and value of the CRM's option that stands for it; null where the CRM has none yet. */
export interface SeedTerm {
  readonly code: string
  readonly name: string
  readonly option: number | null
}

const term = (code: string, name: string, option: number | null): SeedTerm => ({ code, name, option })

export const seedPaymentTerms: readonly SeedTerm[] = [
  term('30 DAYS', 'Net 30 days', 1),
  term('1M(8D)', '2% 10, Net 30', 2),
  term('45 DAYS', 'Net 45 days', 3),
  term('60 DAYS', 'Net 60 days', 4),
  term('14 DAYS', 'Net 14 days', null),
]
export const seedShipmentMethods: readonly SeedTerm[] = [
  term('FOB', 'Free on Board', 1),
  term('DELIVERY', 'Free delivery', 2),
  term('EXW', 'Ex Warehouse', null),
]
export const seedShippingAgents: readonly SeedTerm[] = [
  term('DHL', 'DHL', 2),
  term('FEDEX', 'Federal Express', 3),
  term('UPS', 'United Parcel Service', 4),
  term('POST', 'Postal service', 5),
  term('OWN LOG.', 'Own logistics', null),
]
