import type { Cell, Row } from '../../kit/cells.ts'
import { refusals } from '../errors.ts'
import { blankDate } from '../schema/field.ts'
import type { TableName } from '../schema/tables.ts'
import { contactRules } from './contact.ts'
import { quotient } from './decimal.ts'
import { customerRules, vendorRules } from './partners.ts'
import { profitPercent } from './profit.ts'
import { type Consequence, type Draft, isChanged, type RuleFacts, type TableRules } from './rule.ts'

/** A change of price or cost changes the profit: a column that nobody has sent. */
const itemRules: TableRules = {
  beforeWrite(draft) {
    if (draft.before !== null && !isChanged(draft, 'unitPrice') && !isChanged(draft, 'unitCost')) {
      return { changes: {}, consequences: [] }
    }
    const { unitPrice, unitCost } = draft.after
    return {
      changes: { profitPercent: profitPercent(String(unitPrice), String(unitCost)) },
      consequences: [],
    }
  },
}

/** The rate of a currency is that of its newest date; entering one changes the currency (default-mappings.md §1 rule 2). */
const exchangeRateRules: TableRules = {
  beforeWrite(draft, facts) {
    const { after } = draft
    if (after['startingDate'] === blankDate) throw refusals.missingProperty('startingDate')
    for (const column of ['exchangeRateAmount', 'relationalExchangeRateAmount']) {
      if (String(after[column]).startsWith('-') || after[column] === '0') {
        throw refusals.notValid(`The value of ${column} must be more than 0.`)
      }
    }
    const code = String(after['currencyCode'])
    const others = facts.exchangeRates(code).filter((row) => row['id'] !== after['id'])
    return { changes: {}, consequences: newRate(code, [...others, after], facts) }
  },
  beforeDelete(row, facts) {
    const code = String(row['currencyCode'])
    return newRate(
      code,
      facts.exchangeRates(code).filter((each) => each['id'] !== row['id']),
      facts,
    )
  },
}

function newRate(code: string, rates: readonly Row[], facts: RuleFacts): readonly Consequence[] {
  const currency = facts.findByKey('currency', code)
  const latest = [...rates].sort((a, b) => dateOf(b).localeCompare(dateOf(a)))[0]
  const rate = latest === undefined ? '0' : rateOf(latest)
  if (currency === null || currency['currentExchangeRate'] === rate) return []
  return [{ table: 'currency', id: String(currency['id']), changes: { currentExchangeRate: rate } }]
}

const dateOf = (rate: Row): string => String(rate['startingDate'])

/** How much of the currency one unit of the local currency is worth. */
function rateOf(row: Row): string {
  return quotient(String(row['exchangeRateAmount']), String(row['relationalExchangeRateAmount']), 12)
}

/** An order takes its currency and salesperson from the customer, who must not be blocked. */
const salesOrderRules: TableRules = {
  beforeWrite(draft, facts) {
    if (!isChanged(draft, 'customerNumber') && draft.before !== null) return { changes: {}, consequences: [] }
    const customer = facts.findByKey('customer', String(draft.after['customerNumber']))
    if (customer === null) throw refusals.missingProperty('customerNumber')
    if (customer['blocked'] === 'All') {
      throw refusals.rule(
        `You cannot create this type of document when Customer ${customer['number']} is blocked with type All`,
      )
    }
    const inherited = {
      currencyCode: customer['currencyCode'] ?? '',
      salesperson: customer['salespersonCode'] ?? '',
      orderDate: draft.before?.['orderDate'] ?? facts.today,
    }
    const open = Object.entries(inherited).filter(([column]) => !draft.sent.has(column))
    return {
      changes: { customerName: customer['displayName'] ?? '', ...Object.fromEntries(open) },
      consequences: [],
    }
  },
}

const opportunityRules: TableRules = {
  beforeWrite(draft, facts) {
    const changes: Record<string, Cell> = {}
    if (isChanged(draft, 'contactNumber')) {
      const contact = facts.findByKey('contact', String(draft.after['contactNumber']))
      changes['contactName'] = contact?.['displayName'] ?? ''
    }
    if (isChanged(draft, 'status') && ['Won', 'Lost'].includes(String(draft.after['status']))) {
      changes['dateClosed'] = facts.today
    }
    if (draft.before === null && !draft.sent.has('creationDate')) changes['creationDate'] = facts.today
    return { changes, consequences: [] }
  },
}

/** The search name of an employee is made of the parts of the name. */
const employeeRules: TableRules = {
  beforeWrite(draft: Draft) {
    if (!['givenName', 'middleName', 'surname'].some((column) => isChanged(draft, column))) {
      return { changes: {}, consequences: [] }
    }
    const { after } = draft
    const parts = [after['givenName'], after['middleName'], after['surname']]
    return { changes: { displayName: parts.filter((part) => part !== '').join(' ') }, consequences: [] }
  },
}

/** The business logic of all tables; a table that is not named has none. */
export const rules: Readonly<Partial<Record<TableName, TableRules>>> = {
  currencyExchangeRate: exchangeRateRules,
  customer: customerRules,
  vendor: vendorRules,
  contact: contactRules,
  item: itemRules,
  salesOrder: salesOrderRules,
  opportunity: opportunityRules,
  employee: employeeRules,
}
