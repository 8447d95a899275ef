/** How many records of each kind a demo has. */
export interface DemoSize {
  readonly customers: number
  readonly contacts: number
  readonly resources: number
  readonly items: number
  /** Products that stand for an item or a resource by its number already. */
  readonly matchedProducts: number
  /** Records that only the remote side has. */
  readonly remoteAccounts: number
  readonly remoteContacts: number
  readonly remoteProducts: number
}

export const demoCustomers = 5_000
export const demoSeed = 20_240_501

/** Enough for every deliberate problem and for the edits between two synchronizations. */
const smallest = 60

/** All kinds in proportion to the number of customers; with the 5,000 of the demo: 8,000 contacts, 4,000 items, … */
export function demoSize(customers: number): DemoSize {
  const count = Math.max(smallest, Math.round(customers))
  const share = (factor: number, least: number): number => Math.max(least, Math.round(count * factor))
  return {
    customers: count,
    contacts: share(1.6, 60),
    resources: share(0.06, 10),
    items: share(0.8, 30),
    matchedProducts: share(0.008, 4),
    remoteAccounts: share(0.04, 8),
    remoteContacts: share(0.02, 6),
    remoteProducts: share(0.002, 2),
  }
}
