import { formerSalesperson, salespersonCodes } from './masters.ts'
import type { Random } from './random.ts'
import { decimal, type Row } from './row.ts'
import type { DemoSize } from './size.ts'
import {
  firstNames,
  legalForms,
  middleNames,
  type Place,
  places,
  streets,
  surnames,
  trades,
} from './words.ts'

/** Values that no mapping knows; each belongs to a deliberate problem (problems.ts). */
export const unmappedPaymentTerms = '14 DAYS'
export const unknownCurrency = 'XBT'

/** Which customers have which deliberate problem, by position; the same at every size. */
const formerSalespersonAt: readonly number[] = [3, 7, 11]
const unmappedPaymentTermsAt = 13
const unknownCurrencyAt = 17
const blockedEvery = 500
const blockedAt = 19

const paymentTerms = ['', '30 DAYS', '30 DAYS', '1M(8D)', '45 DAYS', '60 DAYS'] as const
const shipmentMethods = ['', 'FOB', 'DELIVERY'] as const
const shippingAgents = ['', 'DHL', 'FEDEX', 'UPS', 'POST', 'OWN LOG.'] as const

export interface CustomerRow extends Row {
  readonly no: string
  readonly name: string
  readonly blocked: string
  readonly salesperson_code: string
  readonly currency_code: string
  readonly payment_terms_code: string
}

/** Customers with unique names and e-mail addresses; about one in 500 is blocked and takes no part. */
export function buildCustomers(random: Random, size: DemoSize): CustomerRow[] {
  const names = new Set<string>()
  return Array.from({ length: size.customers }, (_, index) => {
    const at = random.pick(places)
    const name = uniqueCompany(random, names, at)
    const no = customerNo(index)
    return {
      system_id: random.uuid(),
      no,
      name,
      contact: '',
      ...navAddress(random, at),
      phone_no: phone(random, at),
      mobile_phone_no: random.chance(0.3) ? phone(random, at) : '',
      fax_no: random.chance(0.2) ? phone(random, at) : '',
      e_mail: `info@${slug(name)}-${no.toLowerCase()}.example`,
      home_page: random.chance(0.6) ? `www.${slug(name)}.example` : '',
      ...terms(random, index, at),
      credit_limit_lcy: decimal(random.between(0, 500) * 100_000),
      primary_contact_no: '',
      blocked: index % blockedEvery === blockedAt ? 'All' : '',
    }
  })
}

function terms(random: Random, index: number, at: Place) {
  const ordinary = {
    currency_code: at.currency,
    salesperson_code: random.chance(0.9) ? random.pick(salespersonCodes) : '',
    payment_terms_code: random.pick(paymentTerms) as string,
    shipment_method_code: random.pick(shipmentMethods),
    shipping_agent_code: random.pick(shippingAgents),
  }
  if (formerSalespersonAt.includes(index)) return { ...ordinary, salesperson_code: formerSalesperson }
  if (index === unmappedPaymentTermsAt) return { ...ordinary, payment_terms_code: unmappedPaymentTerms }
  return index === unknownCurrencyAt ? { ...ordinary, currency_code: unknownCurrency } : ordinary
}

/** True for customers that a full synchronization leaves behind, on purpose. */
export function isLeftBehind(customer: CustomerRow): boolean {
  return (
    customer.salesperson_code === formerSalesperson ||
    customer.payment_terms_code === unmappedPaymentTerms ||
    customer.currency_code === unknownCurrency
  )
}

/** Persons working for the customers that are not blocked, one or two for each. */
export function buildContacts(random: Random, size: DemoSize, customers: readonly CustomerRow[]): Row[] {
  const open = customers.filter((customer) => customer.blocked === '')
  return Array.from({ length: size.contacts }, (_, index) => {
    const customer = open[Math.floor((index * open.length) / size.contacts)]
    const [first, last] = [random.pick(firstNames), random.pick(surnames)]
    const at = places.find((place) => place.city === customer?.['city']) ?? places[0]
    // A contact held back only by its customer, so that each problem has one cause.
    const terms = customer && !isLeftBehind(customer) ? customer : { salesperson_code: '', currency_code: '' }
    return {
      system_id: random.uuid(),
      no: contactNo(index),
      type: 'Person',
      company_no: customer?.no ?? '',
      first_name: first,
      middle_name: random.chance(0.2) ? random.pick(middleNames) : '',
      surname: last,
      salesperson_code: terms.salesperson_code,
      currency_code: terms.currency_code,
      ...navAddress(random, at),
      e_mail: `${slug(first)}.${slug(last)}.${index + 1}@${String(customer?.['e_mail']).split('@')[1]}`,
      mobile_phone_no: random.chance(0.7) ? phone(random, at) : '',
      phone_no: random.chance(0.5) ? phone(random, at) : '',
    }
  })
}

/** Four of five customers name their first contact as the primary one. */
export function withPrimaryContacts(
  customers: readonly CustomerRow[],
  contacts: readonly Row[],
): CustomerRow[] {
  const firstContacts = new Map<string, Row>()
  for (const contact of contacts) {
    const company = String(contact['company_no'])
    if (!firstContacts.has(company)) firstContacts.set(company, contact)
  }
  return customers.map((customer, index) => {
    const contact = firstContacts.get(customer.no)
    if (!contact || index % 5 === 0) return customer
    const name = `${contact['first_name']} ${contact['surname']}`
    return { ...customer, primary_contact_no: String(contact['no']), contact: name }
  })
}

const otherContacts = 20

/** Contacts that take no part: the companies of the first customers, and persons who work for nobody. */
export function buildOtherContacts(random: Random, size: DemoSize): Row[] {
  return Array.from({ length: otherContacts }, (_, index) => ({
    system_id: random.uuid(),
    no: contactNo(size.contacts + index),
    ...(index % 2 === 0
      ? { type: 'Company', company_no: customerNo(index) }
      : { type: 'Person', company_no: '' }),
    first_name: random.pick(firstNames),
    surname: random.pick(surnames),
  }))
}

/** As the number series of the tables goes on. */
const customerNo = (index: number): string => `C${String(index + 1).padStart(5, '0')}`
const contactNo = (index: number): string => `CT${String(index + 1).padStart(5, '0')}`

export function uniqueCompany(random: Random, taken: Set<string>, at: Place): string {
  for (;;) {
    const name = `${random.pick(surnames)} ${random.pick(trades)} ${random.pick(legalForms)}`
    const candidate = taken.has(name) ? `${name}, ${at.city} ${random.digits(3)}` : name
    if (taken.has(candidate)) continue
    taken.add(candidate)
    return candidate
  }
}

export function phone(random: Random, at: Place): string {
  return `${at.phonePrefix} ${random.digits(4)} ${random.digits(4)}`
}

export function streetAddress(random: Random): string {
  return `${random.pick(streets)} ${random.between(1, 240)}`
}

/** Lower-case ASCII letters and digits, at most 24, for addresses in the net. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '')
    .slice(0, 24)
}

function navAddress(random: Random, at: Place) {
  return {
    address: streetAddress(random),
    address_2: random.chance(0.15) ? `Floor ${random.between(1, 9)}` : '',
    post_code: at.postCode,
    city: at.city,
    county: at.county,
    country_region_code: at.country,
  }
}
