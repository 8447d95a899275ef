import { expect, it } from 'vitest'
import {
  companyNumber,
  companyPosition,
  contactNumber,
  contactPosition,
  seedCompany,
  seedContact,
} from '../../../../src/simulators/kit/seed/companies.ts'
import {
  localCurrency,
  seedCurrencies,
  seedPaymentTerms,
  seedPeople,
  seedUnits,
} from '../../../../src/simulators/kit/seed/masters.ts'
import { productNumber, productPosition, seedProduct } from '../../../../src/simulators/kit/seed/products.ts'
import { seedModifiedMs } from '../../../../src/simulators/kit/seed/times.ts'

it('a record depends on seed and position only', () => {
  expect(seedCompany(1, 'customer', 7)).toEqual(seedCompany(1, 'customer', 7))
  expect(seedCompany(1, 'customer', 7)).not.toEqual(seedCompany(2, 'customer', 7))
})

it('names and numbers of customers are unique, and fit into both systems', () => {
  const companies = Array.from({ length: 20_000 }, (_, position) => seedCompany(1, 'customer', position))
  expect(new Set(companies.map((each) => each.name)).size).toBe(20_000)
  expect(new Set(companies.map((each) => each.number)).size).toBe(20_000)
  expect(Math.max(...companies.map((each) => each.name.length))).toBeLessThanOrEqual(100)
  expect(companies.some((each) => /[&+'"ø🎈%/]/u.test(each.name))).toBe(true)
})

it('the first contact of each customer stands at its position', () => {
  expect(seedContact(1, 3, 100).company).toBe(3)
  expect(seedContact(1, 103, 100).company).toBe(3)
})

it('positions are found back by number, and other spellings are not', () => {
  for (const position of [0, 4, 99_998, 999_999]) {
    expect(companyPosition('customer', companyNumber('customer', position))).toBe(position)
    expect(contactPosition(contactNumber(position))).toBe(position)
    expect(productPosition('item', productNumber('item', position))).toBe(position)
    expect(productPosition('resource', productNumber('resource', position))).toBe(position)
  }
  expect(companyPosition('customer', 'C000001')).toBeNull()
  expect(companyPosition('vendor', 'C00001')).toBeNull()
  expect(productPosition('item', '999')).toBeNull()
})

it('products refer to units there are, and cost money', () => {
  const units = seedUnits.map((each) => each.code)
  for (let position = 0; position < 200; position += 1) {
    const product = seedProduct(1, position % 2 === 0 ? 'item' : 'resource', position)
    expect(units).toContain(product.unit)
    expect(product.price).toMatch(/^\d+\.\d\d$/)
  }
})

it('masters are complete', () => {
  expect(seedCurrencies.map((each) => each.code)).not.toContain(localCurrency)
  expect(new Set(seedPeople.map((each) => each.email)).size).toBe(seedPeople.length)
  expect(seedPaymentTerms.some((each) => each.option === null)).toBe(true)
  expect(seedModifiedMs(3) - seedModifiedMs(0)).toBeLessThan(1_000)
})
