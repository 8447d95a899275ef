import { seedPaymentTerms, seedPeople, seedShipmentMethods, seedShippingAgents } from './masters.ts'
import { type SeedRandom, seedRandom } from './random.ts'
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

/** A customer, or a vendor, as both systems know it. Blank where there is nothing; money with two decimals. */
export interface SeedCompany {
  readonly number: string
  readonly name: string
  readonly street: string
  readonly street2: string
  readonly place: Place
  readonly phone: string
  readonly mobile: string
  readonly fax: string
  readonly email: string
  readonly website: string
  /** Code of the salesperson; blank for one in ten. */
  readonly salesperson: string
  readonly paymentTerms: string
  readonly shipmentMethod: string
  readonly shippingAgent: string
  readonly creditLimit: string
}

export type CompanyKind = 'customer' | 'vendor'

const kinds = { customer: { letter: 'C', tag: 1 }, vendor: { letter: 'V', tag: 2 } } as const
const contactTag = 3

/** The company at a position from 0; its name and number are nobody else's. */
export function seedCompany(seed: number, kind: CompanyKind, position: number): SeedCompany {
  const random = seedRandom(seed, kinds[kind].tag, position)
  const place = random.pick(places)
  const number = companyNumber(kind, position)
  const name = companyName(kind === 'vendor' ? position + 17 : position, kind)
  const domain = `${number.toLowerCase()}.example`
  return {
    number,
    name,
    street: street(random),
    street2: random.chance(0.15) ? `Floor ${random.between(1, 9)}` : '',
    place,
    phone: phone(random, place),
    mobile: random.chance(0.3) ? phone(random, place) : '',
    fax: random.chance(0.2) ? phone(random, place) : '',
    email: `info@${domain}`,
    website: random.chance(0.6) ? `https://www.${domain}` : '',
    salesperson: random.chance(0.9) ? random.pick(seedPeople).code : '',
    paymentTerms: maybeTerm(random, seedPaymentTerms),
    shipmentMethod: maybeTerm(random, seedShipmentMethods),
    shippingAgent: maybeTerm(random, seedShippingAgents),
    creditLimit: `${random.between(0, 500) * 1_000}.00`,
  }
}

/** `C00001`, `V00001`, … */
export function companyNumber(kind: CompanyKind, position: number): string {
  return `${kinds[kind].letter}${String(position + 1).padStart(5, '0')}`
}

/** The position of the number; null when no seeded company of this kind can have it. */
export function companyPosition(kind: CompanyKind, number: string): number | null {
  return positionOfNumber(kinds[kind].letter, number, (position) => companyNumber(kind, position))
}

/** A person who works for the customer at `company`. */
export interface SeedContact {
  readonly number: string
  readonly company: number
  readonly firstName: string
  readonly middleName: string
  readonly lastName: string
  readonly street: string
  readonly place: Place
  readonly email: string
  readonly phone: string
  readonly mobile: string
}

/**
 * With `companies` customers: the first contact of each stands at the customer's own position. Whoever has worked out the
 * customer already may give it.
 */
export function seedContact(
  seed: number,
  position: number,
  companies: number,
  customer: SeedCompany = seedCompany(seed, 'customer', position % companies),
): SeedContact {
  const random = seedRandom(seed, contactTag, position)
  const company = position % companies
  const { place, email } = customer
  const number = contactNumber(position)
  return {
    number,
    company,
    firstName: random.pick(firstNames),
    middleName: random.chance(0.2) ? random.pick(middleNames) : '',
    lastName: random.pick(surnames),
    street: street(random),
    place,
    email: `${number.toLowerCase()}@${email.split('@')[1]}`,
    phone: random.chance(0.5) ? phone(random, place) : '',
    mobile: random.chance(0.7) ? phone(random, place) : '',
  }
}

/** `CT000001`, … */
export function contactNumber(position: number): string {
  return `CT${String(position + 1).padStart(6, '0')}`
}

/** The position of the number; null when no seeded contact can have it. */
export function contactPosition(number: string): number | null {
  return positionOfNumber('CT', number, contactNumber)
}

function positionOfNumber(
  prefix: string,
  number: string,
  numberOf: (position: number) => string,
): number | null {
  const position = Number(number.slice(prefix.length)) - 1
  const isNumber = Number.isInteger(position) && position >= 0
  return isNumber && numberOf(position) === number.toUpperCase() ? position : null
}

/** All combinations before any comes again; then with a number. */
function companyName(position: number, kind: CompanyKind): string {
  const combinations = surnames.length * trades.length * legalForms.length
  const mixed = (position * 7_919) % combinations
  const surname = surnames[mixed % surnames.length]
  const trade = trades[Math.floor(mixed / surnames.length) % trades.length]
  const form = legalForms[Math.floor(mixed / (surnames.length * trades.length))]
  const round = Math.floor(position / combinations)
  return `${surname} ${trade} ${kind === 'vendor' ? 'Wholesale ' : ''}${form}${round > 0 ? ` ${round + 1}` : ''}`
}

function maybeTerm(
  random: SeedRandom,
  terms: readonly { readonly code: string; readonly option: number | null }[],
) {
  const known = terms.filter((term) => term.option !== null)
  return random.chance(0.8) ? (known[random.between(0, known.length - 1)]?.code ?? '') : ''
}

function phone(random: SeedRandom, place: Place): string {
  return `${place.phonePrefix} ${random.digits(4)} ${random.digits(4)}`
}

function street(random: SeedRandom): string {
  return `${random.pick(streets)} ${random.between(1, 240)}`
}
