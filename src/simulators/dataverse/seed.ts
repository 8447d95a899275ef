import type { Cell, Row } from '../kit/cells.ts'
import { companyPosition, contactPosition, seedCompany, seedContact } from '../kit/seed/companies.ts'
import {
  type SeedTerm,
  seedPaymentTerms,
  seedShipmentMethods,
  seedShippingAgents,
} from '../kit/seed/masters.ts'
import { productPosition, seedProduct } from '../kit/seed/products.ts'
import { seedModifiedMs } from '../kit/seed/times.ts'
import { guidKeys, type RowSource } from '../kit/table/row-source.ts'
import { currencyIdOf, ids, rateOf, unitGroupIdOf, unitIdOf, userIdOf } from './seed-masters.ts'
import { amounts } from './write/money.ts'

/** How many records of each kind there are at the start. */
export interface SeedSize {
  readonly customers: number
  readonly vendors: number
  readonly contacts: number
  readonly items: number
  readonly resources: number
}

/** All kinds in proportion to the number of customers. */
export function seedSize(customers: number): SeedSize {
  return {
    customers,
    vendors: Math.round(customers * 0.05),
    contacts: Math.round(customers * 1.6),
    items: Math.round(customers * 0.8),
    resources: Math.round(customers * 0.06),
  }
}

type Find = (index: string, values: readonly Cell[]) => readonly number[]

/** The records that are worked out: accounts, contacts and products; versions from 1 on. */
export function seedSources(size: SeedSize, seed: number): ReadonlyMap<string, RowSource> {
  const counts = {
    account: size.customers + size.vendors,
    contact: size.customers === 0 ? 0 : size.contacts,
    product: size.items + size.resources,
  }
  const keys = {
    account: guidKeys(0x0a000001, counts.account),
    contact: guidKeys(0x0c000002, counts.contact),
    product: guidKeys(0x0f000003, counts.product),
  }
  const keyOf = (table: 'account' | 'contact', position: number) =>
    position < counts[table] ? keys[table].keyAt(position) : null
  const account = (position: number) => accountRow(size, seed, position, keyOf('contact', position))
  const contact = (position: number) =>
    contactRow(size, seed, position, (company) => keyOf('account', company))
  const product = (position: number) => productRow(size, seed, position)
  const findAccount: Find = (index, [first, second]) => {
    if (index === 'primarycontactid') return positions(keys.contact.positionOf(String(first)), size.customers)
    return accountPositions(size, index === 'accountnumber' ? first : mailNumber(second))
  }
  const findContact: Find = (index, [first, second]) => {
    if (index !== 'parentcustomerid')
      return positions(contactPosition(mailName(second ?? first)), counts.contact)
    const company = keys.account.positionOf(String(first))
    if (company === null || company >= size.customers) return []
    const count = Math.max(0, Math.ceil((counts.contact - company) / size.customers))
    return Array.from({ length: count }, (_, at) => company + at * size.customers)
  }
  const findProduct: Find = (_index, [number]) => [
    ...positions(productPosition('item', String(number)), size.items),
    ...positions(productPosition('resource', String(number)), size.resources).map((at) => at + size.items),
  ]
  const source = (
    table: keyof typeof counts,
    firstVersion: number,
    row: (position: number) => Row,
    find: Find,
  ): RowSource => generated(counts[table], keys[table], firstVersion, row, find)
  return new Map([
    ['account', source('account', 1, account, findAccount)],
    ['contact', source('contact', 1 + counts.account, contact, findContact)],
    ['product', source('product', 1 + counts.account + counts.contact, product, findProduct)],
  ])
}

/** What `find` proposes is looked at once more: only records that really have the values count. */
function generated(
  count: number,
  keys: Pick<RowSource, 'keyAt' | 'positionOf'>,
  firstVersion: number,
  rowAt: (position: number) => Row,
  find: Find,
): RowSource {
  const modifiedAt = (position: number) => Math.floor(seedModifiedMs(position) / 1_000) * 1_000
  const same = (a: Cell | undefined, b: Cell | undefined) =>
    String(a).toLowerCase() === String(b).toLowerCase()
  return {
    count,
    ...keys,
    modifiedAt,
    versionAt: (position) => firstVersion + position,
    storedAt: (position) => ({
      key: keys.keyAt(position),
      row: rowAt(position),
      version: firstVersion + position,
      createdMs: modifiedAt(position),
      modifiedMs: modifiedAt(position),
    }),
    find: (index, values) =>
      find(index, values).filter((position) => {
        const row = rowAt(position)
        return index.split(',').every((column, at) => same(row[column], values[at]))
      }),
  }
}

const positions = (position: number | null, count: number): readonly number[] =>
  position !== null && position >= 0 && position < count ? [position] : []

const mailName = (mail: Cell | undefined): string => String(mail).split('@')[0] ?? ''
const mailNumber = (mail: Cell | undefined): string => String(mail).split('@')[1]?.split('.')[0] ?? ''

function accountPositions(size: SeedSize, number: Cell | undefined): readonly number[] {
  const text = String(number).toUpperCase()
  const vendors = positions(companyPosition('vendor', text), size.vendors)
  return [
    ...positions(companyPosition('customer', text), size.customers),
    ...vendors.map((at) => at + size.customers),
  ]
}

const optionOf = (terms: readonly SeedTerm[], code: string) =>
  terms.find((term) => term.code === code)?.option ?? null

function accountRow(size: SeedSize, seed: number, position: number, contactId: string | null): Row {
  const isCustomer = position < size.customers
  const company = seedCompany(
    seed,
    isCustomer ? 'customer' : 'vendor',
    isCustomer ? position : position - size.customers,
  )
  const contact =
    contactId !== null && isCustomer ? seedContact(seed, position, size.customers, company) : null
  const { place } = company
  const currency = place.currency
  return {
    name: company.name,
    accountnumber: company.number,
    customertypecode: isCustomer ? 3 : 11,
    ownerid: userIdOf(company.salesperson),
    'ownerid.type': 'systemuser',
    primarycontactid: contact && contactId,
    parentaccountid: null,
    address1_primarycontactname: contact && `${contact.firstName} ${contact.lastName}`,
    ...addressOf(company.street, company.street2, place),
    address1_freighttermscode: optionOf(seedShipmentMethods, company.shipmentMethod),
    address1_shippingmethodcode: optionOf(seedShippingAgents, company.shippingAgent),
    paymenttermscode: optionOf(seedPaymentTerms, company.paymentTerms),
    emailaddress1: company.email,
    fax: company.fax || null,
    websiteurl: company.website || null,
    telephone1: company.phone,
    telephone2: company.mobile || null,
    ...amounts({ creditlimit: company.creditLimit }, rateOf(currency)),
    creditonhold: false,
    transactioncurrencyid: currencyIdOf(currency),
    ...activeRow,
  }
}

function contactRow(
  size: SeedSize,
  seed: number,
  position: number,
  accountKey: (company: number) => string | null,
): Row {
  const company = seedCompany(seed, 'customer', position % size.customers)
  const contact = seedContact(seed, position, size.customers, company)
  return {
    firstname: contact.firstName,
    middlename: contact.middleName || null,
    lastname: contact.lastName,
    fullname: `${contact.firstName} ${contact.lastName}`,
    parentcustomerid: accountKey(contact.company),
    'parentcustomerid.type': 'account',
    ownerid: userIdOf(company.salesperson),
    'ownerid.type': 'systemuser',
    ...addressOf(contact.street, '', contact.place),
    emailaddress1: contact.email,
    mobilephone: contact.mobile || null,
    telephone1: contact.phone || null,
    transactioncurrencyid: currencyIdOf(contact.place.currency),
    exchangerate: rateOf(contact.place.currency),
    ...activeRow,
  }
}

function productRow(size: SeedSize, seed: number, position: number): Row {
  const isItem = position < size.items
  const product = seedProduct(seed, isItem ? 'item' : 'resource', isItem ? position : position - size.items)
  return {
    name: product.name,
    productnumber: product.number,
    producttypecode: isItem ? 1 : 3,
    productstructure: 1,
    ...amounts({ price: product.price, standardcost: product.cost, currentcost: product.cost }, rateOf('')),
    stockvolume: `${product.volume}000`,
    stockweight: `${product.weight}000`,
    quantityonhand: `${product.inventory}000`,
    quantitydecimal: 2,
    vendorid: product.vendor || null,
    vendorpartnumber: product.vendorItem || null,
    defaultuomscheduleid: unitGroupIdOf(product.unit),
    defaultuomid: unitIdOf(product.unit),
    pricelevelid: ids.priceList,
    isstockitem: false,
    transactioncurrencyid: ids.baseCurrency,
    ...activeRow,
  }
}

const activeRow = {
  statecode: 0,
  statuscode: 1,
  createdby: ids.integrationUser,
  modifiedby: ids.integrationUser,
}

function addressOf(
  street: string,
  street2: string,
  place: {
    readonly postCode: string
    readonly city: string
    readonly country: string
    readonly county: string
  },
) {
  return {
    address1_line1: street,
    address1_line2: street2 || null,
    address1_postalcode: place.postCode,
    address1_city: place.city,
    address1_country: place.country,
    address1_stateorprovince: place.county || null,
  }
}
