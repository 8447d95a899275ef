import { itemUnits, resourceUnits } from './masters.ts'
import { seedRandom } from './random.ts'
import { firstNames, itemAdjectives, itemModels, itemNouns, resourceRoles, surnames } from './words.ts'

/** An item, or a resource, as both systems know it. Money and quantities with two decimals. */
export interface SeedProduct {
  readonly number: string
  readonly name: string
  readonly unit: string
  readonly price: string
  readonly cost: string
  readonly volume: string
  readonly weight: string
  readonly vendor: string
  readonly vendorItem: string
  readonly inventory: string
}

export type ProductKind = 'item' | 'resource'

const tags = { item: 4, resource: 5 } as const

export function seedProduct(seed: number, kind: ProductKind, position: number): SeedProduct {
  const random = seedRandom(seed, tags[kind], position)
  const cost = random.between(500, 90_000)
  const goods = `${random.pick(itemModels)} ${random.pick(itemAdjectives)} ${random.pick(itemNouns)}`
  const person = `${random.pick(resourceRoles)} ${random.pick(firstNames)} ${random.pick(surnames)}`
  return {
    number: productNumber(kind, position),
    name: kind === 'item' ? goods : person,
    unit: kind === 'item' ? random.pick(itemUnits) : random.pick(resourceUnits),
    price: hundredths(cost + random.between(cost / 5, cost)),
    cost: hundredths(cost),
    volume: kind === 'item' ? hundredths(random.between(1, 400)) : '0.00',
    weight: kind === 'item' ? hundredths(random.between(10, 9_000)) : '0.00',
    vendor: kind === 'item' && random.chance(0.5) ? 'V00001' : '',
    vendorItem: kind === 'item' && random.chance(0.5) ? `V-${random.digits(5)}` : '',
    inventory: kind === 'item' ? `${random.between(0, 900)}.00` : '0.00',
  }
}

/** Items `1000`, `1001`, …; resources `R00001`, … */
export function productNumber(kind: ProductKind, position: number): string {
  return kind === 'item' ? String(1_000 + position) : `R${String(position + 1).padStart(5, '0')}`
}

/** The position of the number; null when no seeded product of this kind can have it. */
export function productPosition(kind: ProductKind, number: string): number | null {
  const match = kind === 'item' ? /^(\d{4,9})$/.exec(number) : /^R(\d{5,9})$/i.exec(number)
  const value = Number(match?.[1] ?? Number.NaN)
  const position = kind === 'item' ? value - 1_000 : value - 1
  return position >= 0 ? position : null
}

function hundredths(value: number): string {
  return (Math.round(value) / 100).toFixed(2)
}
