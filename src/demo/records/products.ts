import { itemUnits, resourceUnits } from './masters.ts'
import type { Random } from './random.ts'
import { decimal, type Row } from './row.ts'
import type { DemoSize } from './size.ts'
import { firstNames, itemAdjectives, itemModels, itemNouns, resourceRoles, surnames } from './words.ts'

/** Unit of measure that does not exist (problems.ts), and the position of the item that uses it. */
export const unknownUnit = 'BUNDLE'
const unknownUnitAt = 5

/** This many resources have the number of an item: 1000, 1001, … */
const sharedNumbers = 5
const blockedEvery = 1_000
const blockedAt = 9

/** This item has been sold before it came in. */
const negativeStockAt = 7

export interface ProductSource extends Row {
  readonly no: string
  readonly base_unit_of_measure: string
  readonly blocked: boolean
}

export function buildItems(random: Random, size: DemoSize): ProductSource[] {
  return Array.from({ length: size.items }, (_, index) => {
    const cost = random.between(500, 900_000)
    return {
      system_id: random.uuid(),
      no: String(1000 + index),
      description: `${random.pick(itemModels)} ${random.pick(itemAdjectives)} ${random.pick(itemNouns)}`,
      base_unit_of_measure: itemUnit(random, index),
      unit_price: decimal(Math.round(cost * (1.2 + random.next()))),
      unit_cost: decimal(cost),
      unit_volume: decimal(random.between(1, 400)),
      gross_weight: decimal(random.between(10, 9_000)),
      vendor_no: random.pick(['', '10000', '20000', '30000']),
      vendor_item_no: random.chance(0.5) ? `V-${random.digits(5)}` : '',
      inventory: index === negativeStockAt ? '-12' : String(random.between(0, 900)),
      blocked: index % blockedEvery === blockedAt,
    }
  })
}

/** Item 1000 is measured in pieces, a unit the remote side knows, so that it can be there already. */
function itemUnit(random: Random, index: number): string {
  const unit = random.pick(itemUnits)
  if (index === unknownUnitAt) return unknownUnit
  return index === 0 ? 'PCS' : unit
}

export function buildResources(random: Random, size: DemoSize): ProductSource[] {
  return Array.from({ length: size.resources }, (_, index) => {
    const cost = random.between(20_000, 90_000)
    return {
      system_id: random.uuid(),
      no: index < sharedNumbers ? String(1000 + index) : `R${String(index + 1).padStart(5, '0')}`,
      name: `${random.pick(resourceRoles)} ${random.pick(firstNames)} ${random.pick(surnames)}`,
      base_unit_of_measure: random.pick(resourceUnits),
      unit_price: decimal(Math.round(cost * 1.6)),
      unit_cost: decimal(cost),
      vendor_no: '',
      capacity: decimal(random.between(100, 800) * 100),
      blocked: false,
    }
  })
}

export interface RemoteProducts {
  /** Products with the number of an item or a resource. */
  readonly items: readonly Row[]
  readonly resources: readonly Row[]
  /** Products only the remote side has; all of them goods. */
  readonly own: readonly Row[]
}

/**
 * Products the remote side has already: some with the number of an item or a resource (same name, old prices), some
 * of its own. Item 1000 is among them, resource 1000 is not: the two must not be taken for each other.
 */
export function buildProducts(
  random: Random,
  size: DemoSize,
  local: { readonly items: readonly ProductSource[]; readonly resources: readonly ProductSource[] },
  unitGroups: ReadonlyMap<string, string>,
): RemoteProducts {
  const matchedResources = Math.max(1, Math.round(size.matchedProducts * 0.15))
  const known = (source: ProductSource): boolean =>
    !source.blocked && unitGroups.has(source.base_unit_of_measure)
  const items = local.items.filter(known).slice(0, size.matchedProducts - matchedResources)
  const resources = local.resources.slice(sharedNumbers).filter(known).slice(0, matchedResources)
  const groupOf = (source: ProductSource) => unitGroups.get(source.base_unit_of_measure) ?? null
  return {
    items: items.map((item) => productRow(random, item.no, String(item['description']), 1, groupOf(item))),
    resources: resources.map((each) => productRow(random, each.no, String(each['name']), 3, groupOf(each))),
    own: Array.from({ length: size.remoteProducts }, (_, index) => {
      const name = `${random.pick(itemAdjectives)} ${random.pick(itemNouns)} (web shop)`
      const no = `WEB-${String(index + 1).padStart(3, '0')}`
      return productRow(random, no, name, 1, unitGroups.get('PCS') ?? null)
    }),
  }
}

function productRow(random: Random, no: string, name: string, type: 1 | 3, unitGroup: string | null): Row {
  return {
    productid: random.uuid(),
    productnumber: no,
    name,
    producttypecode: type,
    defaultuomscheduleid: unitGroup,
    price: decimal(random.between(1_000, 900_000)),
  }
}
