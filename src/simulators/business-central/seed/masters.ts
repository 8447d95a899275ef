import {
  type SeedTerm,
  seedCurrencies,
  seedPaymentTerms,
  seedPeople,
  seedShipmentMethods,
  seedShippingAgents,
  seedUnits,
} from '../../kit/seed/masters.ts'
import { quotient, shortest } from '../rules/decimal.ts'
import type { TableName } from '../schema/tables.ts'
import { type Seeded, seededList } from './source.ts'

/** A rate of last year besides that of today: the older one must not count. */
const rateDates = ['2023-01-01', '2024-01-01'] as const

const currencies = seedCurrencies.map(({ code, symbol, name, worth }) => ({
  code,
  symbol,
  displayName: name,
  amountDecimalPlaces: '2:2',
  amountRoundingPrecision: '0.01',
  currentExchangeRate: worth === null ? '0' : quotient('100', worth, 12),
}))

const rates = seedCurrencies.flatMap(({ code, worth }) =>
  worth === null
    ? []
    : rateDates.map((startingDate, index) => ({
        currencyCode: code,
        startingDate,
        exchangeRateAmount: '100',
        relationalExchangeRateAmount: index === 0 ? quotient(worth, '1.02', 5) : shortest(worth),
      })),
)

const salespeople = seedPeople.map(({ code, name, email, phone, jobTitle }) => ({
  code,
  displayName: name,
  email,
  phoneNo: phone,
  jobTitle,
  commisionPercent: '5',
}))

const units = seedUnits.map(({ code, name, standardCode }) => ({
  code,
  displayName: name,
  internationalStandardCode: standardCode,
}))

const named = (terms: readonly SeedTerm[]) => terms.map(({ code, name }) => ({ code, displayName: name }))

const paymentTerms = named(seedPaymentTerms).map((term) => {
  const days = /^(\d+) DAYS$/.exec(term.code)?.[1]
  return { ...term, dueDateCalculation: days === undefined ? '1M' : `${days}D` }
})

const employees = seedPeople.map(({ name, email, jobTitle }, position) => {
  const [givenName = '', surname = ''] = name.split(' ')
  const number = `E${String(position + 1).padStart(5, '0')}`
  return { number, displayName: name, givenName, surname, jobTitle, email, employmentDate: '2019-03-01' }
})

/** The tables that are short whatever the size of the company. */
export const seededMasters = {
  currency: seededList('currency', currencies),
  currencyExchangeRate: seededList('currencyExchangeRate', rates, { currency: 'currencyCode' }),
  salesperson: seededList('salesperson', salespeople),
  unitOfMeasure: seededList('unitOfMeasure', units),
  paymentTerm: seededList('paymentTerm', paymentTerms),
  shipmentMethod: seededList('shipmentMethod', named(seedShipmentMethods)),
  shippingAgent: seededList('shippingAgent', named(seedShippingAgents)),
  employee: seededList('employee', employees),
} satisfies Partial<Record<TableName, Seeded>>
