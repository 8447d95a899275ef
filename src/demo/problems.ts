import type { ErrorCode } from '../core/errors.ts'
import type { JobDirection } from '../core/mapping/definition.ts'
import { tooLongNameAt } from './records/accounts.ts'
import { type CustomerRow, isLeftBehind, unknownCurrency, unmappedPaymentTerms } from './records/customers.ts'
import {
  currencyWithoutRate,
  formerSalesperson,
  unitOfInactiveGroup,
  unitOfSharedGroup,
} from './records/masters.ts'
import { unknownUnit } from './records/products.ts'
import type { DemoRecords } from './records/records.ts'
import type { Row } from './records/row.ts'

/** Something that is wrong in the demo's data on purpose, and what a full synchronization has to make of it. */
export interface DemoProblem {
  readonly title: string
  /** What a person does about it. */
  readonly remedy: string
  readonly mapping: string
  readonly direction: JobDirection
  readonly outcome: 'failed' | 'waiting'
  readonly code: ErrorCode
  /** The source field named in the issue. */
  readonly field: string
  /** Numbers or names of the records, as people know them, and their keys. */
  readonly records: readonly { readonly name: string; readonly key: string }[]
}

/** All deliberate problems with the records that have them. */
export function demoProblems(records: DemoRecords): readonly DemoProblem[] {
  return [...masterProblems(records), ...ownProblems(records), ...followers(records)]
}

function masterProblems({ currencies, units }: DemoRecords): DemoProblem[] {
  const unit = (code: string) => units.nav.filter((row) => row['code'] === code).map(byCode)
  return [
    {
      title: 'A currency without an exchange rate',
      remedy: `Enter an exchange rate for ${currencyWithoutRate}.`,
      mapping: 'CURRENCY',
      direction: 'to',
      outcome: 'waiting',
      code: 'EXCHANGE_RATE_MISSING',
      field: 'current_exchange_rate',
      records: currencies.nav.filter((row) => row['code'] === currencyWithoutRate).map(byCode),
    },
    {
      title: 'A unit whose group in the CRM is inactive',
      remedy: `Activate the unit group NAV ${unitOfInactiveGroup}.`,
      mapping: 'UNIT OF MEASURE',
      direction: 'to',
      outcome: 'failed',
      code: 'UNIT_GROUP_INVALID',
      field: 'statecode',
      records: unit(unitOfInactiveGroup),
    },
    {
      title: 'A unit whose group in the CRM holds another unit besides',
      remedy: `Remove the other unit from the unit group NAV ${unitOfSharedGroup}.`,
      mapping: 'UNIT OF MEASURE',
      direction: 'to',
      outcome: 'failed',
      code: 'UNIT_GROUP_INVALID',
      field: 'unitcount',
      records: unit(unitOfSharedGroup),
    },
  ]
}

function ownProblems(records: DemoRecords): DemoProblem[] {
  const customers = (field: keyof CustomerRow & string, value: string) =>
    records.customers.filter((customer) => customer[field] === value).map(byNo)
  const tooLong = records.accounts[tooLongNameAt]
  return [
    {
      title: 'Customers of a salesperson who is no user of the CRM',
      remedy: `Give these customers another salesperson, or create a user for ${formerSalesperson}.`,
      mapping: 'CUSTOMER',
      direction: 'to',
      outcome: 'waiting',
      code: 'REFERENCE_NOT_COUPLED',
      field: 'salesperson_code',
      records: customers('salesperson_code', formerSalesperson),
    },
    {
      title: 'A customer in a currency that does not exist',
      remedy: `Correct the currency code, or create the currency ${unknownCurrency}.`,
      mapping: 'CUSTOMER',
      direction: 'to',
      outcome: 'waiting',
      code: 'REFERENCE_NOT_COUPLED',
      field: 'currency_code',
      records: customers('currency_code', unknownCurrency),
    },
    {
      title: 'A customer with payment terms that the CRM has no option for',
      remedy: `Add '${unmappedPaymentTerms}' to the value map of payment_terms_code, or use other payment terms.`,
      mapping: 'CUSTOMER',
      direction: 'to',
      outcome: 'failed',
      code: 'OPTION_NOT_MAPPED',
      field: 'payment_terms_code',
      records: customers('payment_terms_code', unmappedPaymentTerms),
    },
    {
      title: 'An account whose name is longer than the 100 characters of the ERP',
      remedy: 'Shorten the name of the account.',
      mapping: 'CUSTOMER',
      direction: 'from',
      outcome: 'failed',
      code: 'VALUE_TRUNCATED',
      field: 'name',
      records: tooLong ? [{ name: tooLong.name, key: tooLong.accountid }] : [],
    },
    {
      title: 'An item whose base unit of measure does not exist',
      remedy: `Correct the unit, or create the unit of measure ${unknownUnit}.`,
      mapping: 'ITEM-PRODUCT',
      direction: 'to',
      outcome: 'waiting',
      code: 'REFERENCE_NOT_COUPLED',
      field: 'base_unit_of_measure',
      records: records.items.filter((item) => item.base_unit_of_measure === unknownUnit).map(byNo),
    },
  ]
}

/** Contacts cannot go before the customer or account they belong to. */
function followers(records: DemoRecords): DemoProblem[] {
  const stuck = new Set(records.customers.filter(isLeftBehind).map((customer) => customer.no))
  const stuckAccount = records.accounts[tooLongNameAt]?.accountid
  return [
    {
      title: 'Contacts of the customers above',
      remedy: 'Nothing to do: they follow their customer by themselves.',
      mapping: 'CONTACT',
      direction: 'to',
      outcome: 'waiting',
      code: 'REFERENCE_NOT_COUPLED',
      field: 'company_no',
      records: records.contacts.filter((contact) => stuck.has(String(contact['company_no']))).map(byNo),
    },
    {
      title: 'Contacts of the account above',
      remedy: 'Nothing to do: they follow their account by themselves.',
      mapping: 'CONTACT',
      direction: 'from',
      outcome: 'waiting',
      code: 'REFERENCE_NOT_COUPLED',
      field: 'parentcustomerid',
      records: records.accountContacts
        .filter((contact) => contact['parentcustomerid'] === stuckAccount)
        .map((contact) => ({
          name: `${contact['firstname']} ${contact['lastname']}`,
          key: String(contact['contactid']),
        })),
    },
  ]
}

function byCode(row: Row): { name: string; key: string } {
  return { name: String(row['code']), key: String(row['system_id']) }
}

function byNo(row: Row): { name: string; key: string } {
  return { name: String(row['no']), key: String(row['system_id']) }
}
