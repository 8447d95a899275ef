import type { DynamicsSystems } from '../../src/demo/dynamics/systems.ts'
import { employForContacts } from './contacts.ts'
import { type Customers, employForCustomers } from './customers.ts'
import type { SamePair, Side, Staff } from './staff.ts'

export interface People {
  readonly customers: Customers
  /** Somebody edits, enters or deletes a record in one of the systems. */
  work(): Promise<void>
  /** P3, P4: what one of the systems lacks, or has too much. */
  complaints(): Promise<readonly string[]>
  adopt(id: string): Promise<SamePair | null>
  edits(): number
}

export async function employPeople(systems: DynamicsSystems, random: () => number): Promise<People> {
  const customers = await employForCustomers(systems, random)
  const staffs: readonly Staff[] = [customers, await employForContacts(systems, customers, random)]
  const acts = staffs.flatMap((staff) => staff.acts.flatMap(({ often, act }) => Array(often).fill(act)))
  let edits = 0
  return {
    customers,
    async work() {
      edits += 1
      await acts[Math.floor(random() * acts.length)]?.(edits)
    },
    async complaints() {
      const found: string[] = []
      for (const staff of staffs)
        for (const side of ['local', 'remote'] as const)
          found.push(...compare(side, staff.expected(), await staff.found(side)))
      return found
    },
    async adopt(id) {
      for (const staff of staffs) {
        const pair = await staff.adopt(id)
        if (pair !== null) return pair
      }
      return null
    },
    edits: () => edits,
  }
}

function compare(side: Side, expected: readonly string[], found: readonly string[]): readonly string[] {
  const left = [...found]
  const missing = expected.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [
    ...missing.map((line) => `P4: the ${side} system does not show ${line}`),
    ...left.map((line) => `P3, P4: the ${side} system shows ${line}, which nobody wants`),
  ]
}
