/** How many records of each kind a company starts with. */
export interface SeedSize {
  readonly customers: number
  readonly vendors: number
  /** Persons; the companies they work for have a contact each besides. */
  readonly persons: number
  readonly items: number
  readonly resources: number
  readonly orders: number
  readonly opportunities: number
}

/** All kinds in proportion to the customers, as in the demo. */
export function seedSize(customers: number): SeedSize {
  const share = (factor: number, least: number): number => Math.max(least, Math.round(customers * factor))
  return {
    customers,
    vendors: share(0.05, 5),
    persons: share(1.6, 10),
    items: share(0.8, 10),
    resources: share(0.06, 5),
    orders: share(0.1, 5),
    opportunities: share(0.1, 5),
  }
}
