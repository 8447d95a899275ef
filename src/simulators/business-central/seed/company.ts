import type { Cell } from '../../kit/cells.ts'
import {
  type CompanyKind,
  companyNumber,
  companyPosition,
  contactNumber,
  contactPosition,
  type SeedCompany,
  seedCompany,
  seedContact,
} from '../../kit/seed/companies.ts'
import { type ProductKind, productPosition, seedProduct } from '../../kit/seed/products.ts'
import { shortest } from '../rules/decimal.ts'
import { profitPercent } from '../rules/profit.ts'
import type { TableName } from '../schema/tables.ts'
import { seededOpportunities, seededOrderLines, seededOrders } from './documents.ts'
import { seededMasters } from './masters.ts'
import type { SeedSize } from './size.ts'
import type { Seeded } from './source.ts'

/** Some customers and items are blocked and take no part in a synchronization. */
const blockedEvery = 500
const blockedAt = 19

const sameNumber = (find: (number: string) => number | null, count: number) => (values: readonly Cell[]) => {
  const position = find(String(values[0]))
  return position !== null && position < count ? [position] : []
}

/** What every table of a company starts with. */
export function seededCompany(seed: number, size: SeedSize): Readonly<Record<TableName, Seeded>> {
  return {
    ...seededMasters,
    customer: seededPartners(seed, 'customer', size),
    vendor: seededPartners(seed, 'vendor', size),
    contact: seededContacts(seed, size),
    item: seededProducts(seed, 'item', size.items),
    resource: seededProducts(seed, 'resource', size.resources),
    salesOrder: seededOrders(seed, size),
    salesOrderLine: seededOrderLines(seed, size),
    opportunity: seededOpportunities(seed, size),
  }
}

function seededPartners(seed: number, kind: CompanyKind, size: SeedSize): Seeded {
  const count = kind === 'customer' ? size.customers : size.vendors
  return {
    count,
    rowAt(position) {
      const company = seedCompany(seed, kind, position)
      const { paymentTerms, shipmentMethod, shippingAgent } = company
      return {
        number: company.number,
        ...addressOf(company),
        currencyCode: company.place.currency,
        [kind === 'customer' ? 'salespersonCode' : 'purchaserCode']: company.salesperson,
        paymentTermsCode: paymentTerms,
        shipmentMethodCode: shipmentMethod,
        shippingAgentCode: shippingAgent,
        companyContactNumber: contactNumber(companyContactAt(kind, position, size)),
        ...(kind === 'customer' ? customerOnly(seed, company, position, size) : {}),
      }
    },
    positions: { key: sameNumber((number) => companyPosition(kind, number), count) },
  }
}

/** Four of five customers name their first person as the primary contact. */
function customerOnly(seed: number, company: SeedCompany, position: number, size: SeedSize) {
  const isNamed = position % 5 !== 0 && position < size.persons
  const primary = isNamed ? seedContact(seed, position, size.customers) : null
  return {
    creditLimit: shortest(company.creditLimit),
    blocked: position % blockedEvery === blockedAt ? 'All' : ' ',
    primaryContactNumber: primary?.number ?? '',
    contactName: primary === null ? '' : fullName(primary),
  }
}

function addressOf(company: SeedCompany): Readonly<Record<string, Cell>> {
  const { place } = company
  return {
    displayName: company.name,
    addressLine1: company.street,
    addressLine2: company.street2,
    city: place.city,
    state: place.county,
    country: place.country,
    postalCode: place.postCode,
    phoneNumber: company.phone,
    mobilePhoneNumber: company.mobile,
    faxNumber: company.fax,
    email: company.email,
    website: company.website,
  }
}

/** Behind the persons stand the contacts of the customers, then those of the vendors. */
function companyContactAt(kind: CompanyKind, position: number, size: SeedSize): number {
  return size.persons + (kind === 'customer' ? position : size.customers + position)
}

function seededContacts(seed: number, size: SeedSize): Seeded {
  const count = size.persons + size.customers + size.vendors
  return {
    count,
    rowAt: (position) =>
      position < size.persons
        ? personAt(seed, position, size)
        : companyContact(seed, position - size.persons, contactNumber(position), size),
    positions: {
      key: sameNumber(contactPosition, count),
      customer: (values) => {
        const company = companyPosition('customer', String(values[0]))
        if (company === null || company >= size.customers) return []
        const persons = Math.ceil((size.persons - company) / size.customers)
        const all = Array.from(
          { length: Math.max(0, persons) },
          (_, index) => company + index * size.customers,
        )
        return [...all, companyContactAt('customer', company, size)]
      },
    },
  }
}

function personAt(seed: number, position: number, size: SeedSize) {
  const contact = seedContact(seed, position, size.customers)
  const company = seedCompany(seed, 'customer', contact.company)
  const { place } = contact
  return {
    number: contact.number,
    type: 'Person',
    displayName: fullName(contact),
    firstName: contact.firstName,
    middleName: contact.middleName,
    surname: contact.lastName,
    companyNumber: contactNumber(companyContactAt('customer', contact.company, size)),
    companyName: company.name,
    businessRelation: 'Customer',
    customerNumber: company.number,
    addressLine1: contact.street,
    city: place.city,
    state: place.county,
    country: place.country,
    postalCode: place.postCode,
    phoneNumber: contact.phone,
    mobilePhoneNumber: contact.mobile,
    email: contact.email,
    salespersonCode: company.salesperson,
    currencyCode: place.currency,
  }
}

function companyContact(seed: number, position: number, number: string, size: SeedSize) {
  const isCustomer = position < size.customers
  const kind = isCustomer ? 'customer' : 'vendor'
  const company = seedCompany(seed, kind, isCustomer ? position : position - size.customers)
  return {
    number,
    type: 'Company',
    companyNumber: number,
    companyName: company.name,
    businessRelation: isCustomer ? 'Customer' : 'Vendor',
    customerNumber: isCustomer ? companyNumber('customer', position) : '',
    ...addressOf(company),
    currencyCode: company.place.currency,
  }
}

function fullName(person: { firstName: string; middleName: string; lastName: string }): string {
  return [person.firstName, person.middleName, person.lastName].filter((part) => part !== '').join(' ')
}

function seededProducts(seed: number, kind: ProductKind, count: number): Seeded {
  return {
    count,
    rowAt(position) {
      const product = seedProduct(seed, kind, position)
      const [unitPrice, unitCost] = [shortest(product.price), shortest(product.cost)]
      const shared = {
        number: product.number,
        displayName: product.name,
        baseUnitOfMeasureCode: product.unit,
        unitPrice,
        unitCost,
        vendorNumber: product.vendor,
      }
      if (kind === 'resource') return { ...shared, capacity: '40' }
      return {
        ...shared,
        profitPercent: profitPercent(unitPrice, unitCost),
        unitVolume: shortest(product.volume),
        grossWeight: shortest(product.weight),
        vendorItemNumber: product.vendorItem,
        inventory: shortest(product.inventory),
        blocked: position % blockedEvery === blockedAt,
      }
    },
    positions: { key: sameNumber((number) => productPosition(kind, number), count) },
  }
}
