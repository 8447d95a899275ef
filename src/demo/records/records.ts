import { indexBy } from '../../lib/group.ts'
import { type AccountRow, buildAccountContacts, buildAccounts, type RemoteMasters } from './accounts.ts'
import {
  buildContacts,
  buildCustomers,
  buildOtherContacts,
  type CustomerRow,
  withPrimaryContacts,
} from './customers.ts'
import { buildCurrencies, buildSalespeople, buildUnits, type DemoUnits } from './masters.ts'
import {
  buildItems,
  buildProducts,
  buildResources,
  type ProductSource,
  type RemoteProducts,
} from './products.ts'
import { createRandom, type Random } from './random.ts'
import type { Row, SideRows } from './row.ts'
import type { DemoSize } from './size.ts'

/** All records of a demo before anything is synchronized; equal for equal size and seed. */
export interface DemoRecords {
  readonly currencies: {
    readonly nav: readonly Row[]
    readonly rates: readonly Row[]
    readonly crm: readonly Row[]
  }
  readonly salespeople: { readonly nav: readonly Row[]; readonly crm: readonly Row[] }
  readonly units: DemoUnits
  readonly customers: readonly CustomerRow[]
  /** Persons who work for a customer, and contacts that take no part. */
  readonly contacts: readonly Row[]
  readonly otherContacts: readonly Row[]
  readonly resources: readonly ProductSource[]
  readonly items: readonly ProductSource[]
  readonly accounts: readonly AccountRow[]
  readonly otherAccounts: readonly AccountRow[]
  readonly accountContacts: readonly Row[]
  readonly products: RemoteProducts
}

export function buildRecords(size: DemoSize, seed: number): DemoRecords {
  const random = createRandom(seed)
  const currencies = buildCurrencies(random)
  const salespeople = buildSalespeople(random)
  const units = buildUnits(random)
  const bareCustomers = buildCustomers(random, size)
  const contacts = buildContacts(random, size, bareCustomers)
  const items = buildItems(random, size)
  const resources = buildResources(random, size)
  return {
    currencies,
    salespeople,
    units,
    customers: withPrimaryContacts(bareCustomers, contacts),
    contacts,
    otherContacts: buildOtherContacts(random, size),
    items,
    resources,
    products: buildProducts(
      random,
      size,
      { items, resources },
      idsBy(units.crm, 'baseuomname', 'uomscheduleid'),
    ),
    ...buildAccountsOf(random, size, {
      users: usersThatOwn(salespeople.crm),
      currencies: idsBy(currencies.crm, 'isocurrencycode', 'transactioncurrencyid'),
    }),
  }
}

function buildAccountsOf(random: Random, size: DemoSize, masters: RemoteMasters) {
  const { customers: accounts, others: otherAccounts } = buildAccounts(random, size, masters)
  const accountContacts = buildAccountContacts(random, size, masters, accounts)
  return { accounts, otherAccounts, accountContacts }
}

/** The rows of the local side by table, in an order in which they can be inserted. */
export function navRows(records: DemoRecords): SideRows {
  return [
    { table: 'currency_exchange_rate', rows: records.currencies.rates },
    { table: 'currency', rows: records.currencies.nav },
    { table: 'salesperson_purchaser', rows: records.salespeople.nav },
    { table: 'unit_of_measure', rows: records.units.nav },
    { table: 'customer', rows: records.customers },
    { table: 'contact', rows: records.contacts },
    { table: 'contact', rows: records.otherContacts },
    { table: 'resource', rows: records.resources },
    { table: 'item', rows: records.items },
  ]
}

/** The rows of the remote side by table, in an order in which they can be inserted. */
export function crmRows(records: DemoRecords): SideRows {
  const { items, resources, own } = records.products
  return [
    { table: 'transactioncurrency', rows: records.currencies.crm },
    { table: 'systemuser', rows: records.salespeople.crm },
    { table: 'uomschedule', rows: [...records.units.crm, ...records.units.invalid] },
    { table: 'uom', rows: records.units.others },
    { table: 'account', rows: [...records.accounts, ...records.otherAccounts] },
    { table: 'contact', rows: records.accountContacts },
    { table: 'product', rows: [...items, ...resources, ...own] },
  ]
}

function usersThatOwn(users: readonly Row[]): [string, ...string[]] {
  const working = users.filter((user) => user['isdisabled'] === false && user['islicensed'] === true)
  return working.map((user) => String(user['systemuserid'])) as [string, ...string[]]
}

function idsBy(rows: readonly Row[], name: string, id: string): ReadonlyMap<string, string> {
  const index = indexBy(rows, (row) => String(row[name]))
  return new Map([...index].map(([value, row]) => [value, String(row[id])]))
}
