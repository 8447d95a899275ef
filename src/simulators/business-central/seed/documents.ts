import type { Cell } from '../../kit/cells.ts'
import { companyPosition, seedCompany, seedContact } from '../../kit/seed/companies.ts'
import { seedProduct } from '../../kit/seed/products.ts'
import { shortest } from '../rules/decimal.ts'
import { type NumberSeries, numberAt, numberSeries } from '../rules/number-series.ts'
import type { TableName } from '../schema/tables.ts'
import type { SeedSize } from './size.ts'
import type { Seeded } from './source.ts'

/** Every order has a line for one piece and one for two. */
const linesPerOrder = 2

const seriesOf = (table: TableName): NumberSeries => {
  const series = numberSeries[table]
  if (!series) throw new Error(`Table ${table} has no number series`)
  return series
}

/** The position of a number of a series; those that are not drawn yet have none. */
function positionIn(table: TableName, number: Cell | undefined, count: number): readonly number[] {
  const series = seriesOf(table)
  const position = Number(String(number).slice(series.prefix.length)) - 1
  const isDrawn = Number.isInteger(position) && position >= 0 && position < count
  return isDrawn && numberAt(series, position + 1) === number ? [position] : []
}

const itemOf = (position: number, size: SeedSize): number => position % Math.max(1, size.items)

/** Orders of the first customers, one each. */
export function seededOrders(seed: number, size: SeedSize): Seeded {
  const count = Math.min(size.orders, size.customers)
  return {
    count,
    rowAt(position) {
      const customer = seedCompany(seed, 'customer', position)
      const prices = Array.from({ length: linesPerOrder }, (_, line) => amountAt(seed, position, line, size))
      const total = prices.reduce((sum, price) => sum + price, 0)
      return {
        number: numberAt(seriesOf('salesOrder'), position + 1),
        orderDate: '2024-01-01',
        customerNumber: customer.number,
        customerName: customer.name,
        currencyCode: customer.place.currency,
        salesperson: customer.salesperson,
        totalAmountExcludingTax: hundredths(total),
      }
    },
    positions: {
      key: (values) => positionIn('salesOrder', values[0], count),
      customer: (values) => {
        const position = companyPosition('customer', String(values[0]))
        return position !== null && position < count ? [position] : []
      },
    },
  }
}

export function seededOrderLines(seed: number, size: SeedSize): Seeded {
  const orders = Math.min(size.orders, size.customers)
  const linesOf = (number: Cell | undefined) =>
    positionIn('salesOrder', number, orders).flatMap((order) =>
      Array.from({ length: linesPerOrder }, (_, line) => order * linesPerOrder + line),
    )
  return {
    count: orders * linesPerOrder,
    rowAt(position) {
      const [order, line] = [Math.floor(position / linesPerOrder), position % linesPerOrder]
      const item = seedProduct(seed, 'item', itemOf(order + line, size))
      return {
        documentNumber: numberAt(seriesOf('salesOrder'), order + 1),
        sequence: (line + 1) * 10_000,
        lineType: 'Item',
        lineObjectNumber: item.number,
        description: item.name,
        quantity: String(line + 1),
        unitPrice: shortest(item.price),
        netAmount: hundredths(amountAt(seed, order, line, size)),
      }
    },
    positions: {
      key: ([number, sequence]) => {
        const line = Number(sequence) / 10_000 - 1
        const found = linesOf(number)[line]
        return found === undefined ? [] : [found]
      },
      document: (values) => linesOf(values[0]),
    },
  }
}

/** In hundredths. */
function amountAt(seed: number, order: number, line: number, size: SeedSize): number {
  const { price } = seedProduct(seed, 'item', itemOf(order + line, size))
  return Number(price.replace('.', '')) * (line + 1)
}

const hundredths = (amount: number): string => shortest((amount / 100).toFixed(2))

const states = ['Not Started', 'In Progress', 'Won', 'Lost'] as const

/** Opportunities of the first persons. */
export function seededOpportunities(seed: number, size: SeedSize): Seeded {
  const count = Math.min(size.opportunities, size.persons)
  return {
    count,
    rowAt(position) {
      const contact = seedContact(seed, position, size.customers)
      const status = states[position % states.length] ?? 'Not Started'
      return {
        number: numberAt(seriesOf('opportunity'), position + 1),
        description: `Furniture for ${contact.place.city}`,
        contactNumber: contact.number,
        contactName: [contact.firstName, contact.middleName, contact.lastName].filter(Boolean).join(' '),
        salespersonCode: seedCompany(seed, 'customer', contact.company).salesperson,
        status,
        creationDate: '2024-01-01',
        dateClosed: status === 'Won' || status === 'Lost' ? '2024-02-01' : '0001-01-01',
        estimatedValue: String((position % 90) * 1_000),
      }
    },
    positions: { key: (values) => positionIn('opportunity', values[0], count) },
  }
}
