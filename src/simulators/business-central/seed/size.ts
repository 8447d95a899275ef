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

/** All kinds in proportion to the customers, as in Dataverse, so that records pair. */
export function seedSize(customers: number): SeedSize {
  const share = (factor: number): number => Math.round(customers * factor)
  return {
    customers,
    vendors: share(0.05),
    persons: share(1.6),
    items: share(0.8),
    resources: share(0.06),
    orders: share(0.1),
    opportunities: share(0.1),
  }
}
