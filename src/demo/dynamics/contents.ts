import type { JobDirection } from '../../core/mapping/definition.ts'
import type { ExpectedJob } from '../expected.ts'
import type { DemoProblem } from '../problems.ts'
import type { DemoSize } from '../records/size.ts'
import type { DemoContents } from '../seed.ts'
import { type AdminRecord, textOf } from './admin.ts'
import { formerSalesperson, unitOfInactiveGroup, unmappedPaymentTerms } from './fill.ts'
import type { DynamicsSystems } from './systems.ts'

/** Codes and the values of the options that a person says they stand for: the labels of these are other words. */
export const coupledOptions = [
  { mapping: 'PAYMENT TERMS', local: '30 DAYS', remote: '1' },
  { mapping: 'PAYMENT TERMS', local: '1M(8D)', remote: '2' },
  { mapping: 'PAYMENT TERMS', local: '45 DAYS', remote: '3' },
  { mapping: 'PAYMENT TERMS', local: '60 DAYS', remote: '4' },
  { mapping: 'SHIPMENT METHOD', local: 'DELIVERY', remote: '2' },
  { mapping: 'SHIPPING AGENT', local: 'POST', remote: '5' },
] as const

const localTables = [
  'currency',
  'salesperson',
  'unitOfMeasure',
  'paymentTerm',
  'shipmentMethod',
  'shippingAgent',
  'customer',
  'vendor',
  'contact',
  'resource',
  'item',
] as const
const remoteTables = [
  'transactioncurrency',
  'systemuser',
  'uomschedule',
  'account',
  'contact',
  'product',
] as const

type LocalRecords = Readonly<Record<(typeof localTables)[number], readonly AdminRecord[]>>
type RemoteRecords = Readonly<Record<(typeof remoteTables)[number], readonly AdminRecord[]>>

/** What the systems hold before anything is synchronized, and what a full synchronization has to make of it. */
export async function describeContents(systems: DynamicsSystems, size: DemoSize): Promise<DemoContents> {
  const [local, remote] = await Promise.all([
    readTables(localTables, systems.local.admin.readAll),
    readTables(remoteTables, systems.remote.admin.readAll),
  ])
  const problems = problemsOf(local, remote)
  return {
    size,
    local: countOf(local),
    remote: countOf(remote),
    problems,
    expected: expectedJobs(local, remote, problems),
  }
}

async function readTables<Name extends string>(
  names: readonly Name[],
  read: (table: string) => Promise<readonly AdminRecord[]>,
): Promise<Readonly<Record<Name, readonly AdminRecord[]>>> {
  const entries: [Name, readonly AdminRecord[]][] = []
  for (const name of names) entries.push([name, await read(name)])
  return Object.fromEntries(entries) as Record<Name, readonly AdminRecord[]>
}

function countOf(tables: Readonly<Record<string, readonly AdminRecord[]>>): Record<string, number> {
  return Object.fromEntries(Object.entries(tables).map(([name, records]) => [name, records.length]))
}

type Found = Omit<DemoProblem, 'records' | 'outcome' | 'direction'> & {
  readonly direction?: JobDirection
  readonly records: readonly AdminRecord[]
  readonly name: string
  readonly id?: string
}

const waiting = (found: Found) => problemOf('waiting', found)
const failed = (found: Found) => problemOf('failed', found)

function problemOf(outcome: DemoProblem['outcome'], found: Found): DemoProblem {
  const { records, name, id = 'id', direction = 'to', ...rest } = found
  const named = records.map((record) => ({ name: textOf(record, name), key: textOf(record, id) }))
  return { ...rest, outcome, direction, records: named }
}

/** All deliberate problems with the records that have them. */
function problemsOf(local: LocalRecords, remote: RemoteRecords): readonly DemoProblem[] {
  return [
    ...masterProblems(local),
    ...optionProblems(local),
    ...partnerProblems(local, remote),
    ...followers(local, remote),
  ]
}

function masterProblems({ currency, unitOfMeasure }: LocalRecords): DemoProblem[] {
  const withoutRate = currency.filter((record) => textOf(record, 'currentExchangeRate') === '0')
  return [
    waiting({
      title: 'A currency without an exchange rate',
      remedy: 'Enter an exchange rate.',
      mapping: 'CURRENCY',
      code: 'EXCHANGE_RATE_MISSING',
      field: 'currentExchangeRate',
      records: withoutRate,
      name: 'code',
    }),
    failed({
      title: 'A unit whose group in Dataverse is inactive',
      remedy: `Activate the unit group NAV ${unitOfInactiveGroup}.`,
      mapping: 'UNIT OF MEASURE',
      code: 'UNIT_GROUP_INVALID',
      field: 'statecode',
      records: unitOfMeasure.filter((record) => record['code'] === unitOfInactiveGroup),
      name: 'code',
    }),
  ]
}

/** Codes that nobody has coupled, and that no option is named after. */
const codesWithoutOption = [
  { mapping: 'PAYMENT TERMS', table: 'paymentTerm', code: unmappedPaymentTerms },
  { mapping: 'SHIPMENT METHOD', table: 'shipmentMethod', code: 'EXW' },
  { mapping: 'SHIPPING AGENT', table: 'shippingAgent', code: 'OWN LOG.' },
] as const

function optionProblems(local: LocalRecords): DemoProblem[] {
  return codesWithoutOption.map(({ mapping, table, code }) =>
    failed({
      title: `A code that no option stands for: ${code}`,
      remedy: `Couple it: couplet couple '${mapping}' '${code}' <option>. Or let the connection make options.`,
      mapping,
      code: 'OPTION_NOT_MAPPED',
      field: 'label',
      records: local[table].filter((record) => record['code'] === code),
      name: 'code',
    }),
  )
}

function partnerProblems({ customer }: LocalRecords, { account }: RemoteRecords): DemoProblem[] {
  const customers = { mapping: 'CUSTOMER', name: 'number', code: 'REFERENCE_NOT_COUPLED' } as const
  return [
    waiting({
      ...customers,
      title: 'Customers of a salesperson who is no user of Dataverse',
      remedy: `Give these customers another salesperson, or create a user for ${formerSalesperson}.`,
      field: 'salespersonCode',
      records: customer.filter((record) => record['salespersonCode'] === formerSalesperson),
    }),
    waiting({
      ...customers,
      title: 'A customer with payment terms that no option stands for',
      remedy: `Couple ${unmappedPaymentTerms} with an option: the customer then follows by itself.`,
      field: 'paymentTermsCode',
      records: customer.filter((record) => record['paymentTermsCode'] === unmappedPaymentTerms),
    }),
    failed({
      title: 'An account whose name is longer than the 100 characters of Business Central',
      remedy: 'Shorten the name of the account.',
      mapping: 'CUSTOMER',
      direction: 'from',
      code: 'VALUE_TRUNCATED',
      field: 'name',
      records: account.filter(hasLongName),
      name: 'name',
      id: 'accountid',
    }),
  ]
}

/** Contacts cannot go before the customer or account they belong to. */
function followers(local: LocalRecords, remote: RemoteRecords): DemoProblem[] {
  const left = new Set(local.customer.filter(isLeftBehind).map((record) => textOf(record, 'number')))
  const leftAccounts = new Set(remote.account.filter(hasLongName).map((record) => record['accountid']))
  const contacts = { mapping: 'CONTACT', code: 'REFERENCE_NOT_COUPLED', name: 'lastname' } as const
  return [
    waiting({
      ...contacts,
      title: 'Contacts of the customers above, and of blocked ones',
      remedy: 'Nothing to do: they follow their customer by themselves.',
      field: 'customerNumber',
      records: local.contact.filter(isPerson).filter((record) => left.has(textOf(record, 'customerNumber'))),
      name: 'number',
    }),
    waiting({
      ...contacts,
      title: 'Contacts of the account above',
      remedy: 'Nothing to do: they follow their account by themselves.',
      direction: 'from',
      field: 'parentcustomerid',
      records: remote.contact.filter((record) => leftAccounts.has(record['parentcustomerid'])),
      id: 'contactid',
    }),
  ]
}

/** Customers and accounts that are not brought across, by what is wrong with them. */
export function isLeftBehind(customer: AdminRecord): boolean {
  return (
    !isOpen(customer) ||
    customer['salespersonCode'] === formerSalesperson ||
    customer['paymentTermsCode'] === unmappedPaymentTerms
  )
}

export function hasLongName(account: AdminRecord): boolean {
  return Array.from(textOf(account, 'name')).length > 100
}

export function isOpen({ blocked }: AdminRecord): boolean {
  return blocked === false || blocked === ' '
}

const isPerson = ({ type }: AdminRecord): boolean => type === 'Person'

/** One entry per mapping and direction in the order of a full synchronization. */
function expectedJobs(
  local: LocalRecords,
  remote: RemoteRecords,
  problems: readonly DemoProblem[],
): readonly ExpectedJob[] {
  const job = (mapping: string, direction: JobDirection, sources: number, matched = 0): ExpectedJob => {
    const left = (outcome: DemoProblem['outcome']) =>
      problems
        .filter(
          (each) => each.mapping === mapping && each.direction === direction && each.outcome === outcome,
        )
        .reduce((sum, each) => sum + each.records.length, 0)
    const [failures, waits] = [left('failed'), left('waiting')]
    return {
      mapping,
      direction,
      inserted: sources - matched - failures - waits,
      matched,
      failed: failures,
      waiting: waits,
    }
  }
  const { customer, vendor, contact, resource, item } = local
  const users = remote.systemuser.filter(isSalesperson).length
  const products = remote.product.filter((product) => !textOf(product, 'productnumber').startsWith('W'))
  const matched = (type: number) => products.filter((product) => product['producttypecode'] === type).length
  const byHand = (mapping: string) => coupledOptions.filter((each) => each.mapping === mapping).length
  const options = (mapping: string, table: 'paymentTerm' | 'shipmentMethod' | 'shippingAgent') => {
    const others = local[table].length - byHand(mapping)
    return job(mapping, 'to', others, others - 1)
  }
  return [
    // All but the base currency.
    job('CURRENCY', 'to', local.currency.length, remote.transactioncurrency.length - 1),
    job('SALESPEOPLE', 'from', users, users),
    // All but the inactive one.
    job('UNIT OF MEASURE', 'to', local.unitOfMeasure.length, remote.uomschedule.length - 1),
    options('PAYMENT TERMS', 'paymentTerm'),
    options('SHIPMENT METHOD', 'shipmentMethod'),
    options('SHIPPING AGENT', 'shippingAgent'),
    job('CUSTOMER', 'to', customer.filter(isOpen).length),
    job('CUSTOMER', 'from', remote.account.length),
    job('VENDOR', 'to', vendor.filter(isOpen).length),
    job('CONTACT', 'to', contact.filter(isPerson).length),
    job('CONTACT', 'from', remote.contact.length),
    job('RESOURCE-PRODUCT', 'to', resource.filter(isOpen).length, matched(3)),
    job('ITEM-PRODUCT', 'to', item.filter(isOpen).length, matched(1)),
    job('ITEM-PRODUCT', 'from', remote.product.length - products.length),
  ]
}

function isSalesperson(user: AdminRecord): boolean {
  return user['isdisabled'] === false && user['islicensed'] === true && user['isintegrationuser'] === false
}
