import { textOf } from '../../src/demo/dynamics/admin.ts'
import type { DynamicsSystems } from '../../src/demo/dynamics/systems.ts'

/** What everybody has done so far, and so what both systems have to show at the end. */
export interface People {
  /** Somebody edits, or enters, a record in one of the systems. */
  work(): Promise<void>
  /** Number, name and city of every record, in order. */
  expected(): readonly string[]
  /** What the systems really hold, in the same form. */
  found(side: 'local' | 'remote'): Promise<readonly string[]>
  edits(): number
}

/**
 * One side keeps the names, the other one the cities: nobody ever wants two things at once, so every edit has to arrive.
 * New records come from both sides.
 */
export async function employPeople(
  { local, remote }: DynamicsSystems,
  random: () => number,
): Promise<People> {
  const records = new Map<string, { name: string; city: string }>()
  for (const record of await local.admin.readAll('customer'))
    records.set(textOf(record, 'number'), {
      name: textOf(record, 'displayName'),
      city: textOf(record, 'city'),
    })
  let edits = 0
  const enter = async () => {
    const isLocal = random() < 0.5
    const number = `${isLocal ? 'L' : 'R'}${edits}`
    const name = `New ${edits}`
    const city = `Place ${edits}`
    if (isLocal) await local.admin.insert('customer', { number, displayName: name, city })
    else await remote.admin.insert('account', { accountnumber: number, name, address1_city: city })
    records.set(number, { name, city })
  }
  const rename = async () => {
    const customers = await local.admin.readAll('customer')
    const number = textOf(customers[Math.floor(random() * customers.length)], 'number')
    const known = records.get(number)
    if (!known) return
    const name = `Name ${edits}`
    await local.admin.patch('customer', number, { displayName: name })
    known.name = name
  }
  const move = async () => {
    const accounts = await remote.admin.readAll('account')
    const account = accounts[Math.floor(random() * accounts.length)]
    const known = records.get(textOf(account, 'accountnumber'))
    if (!account || !known) return
    const city = `City ${edits}`
    await remote.admin.patch('account', textOf(account, 'accountid'), { address1_city: city })
    known.city = city
  }
  const columns = {
    local: ['customer', 'number', 'displayName', 'city'],
    remote: ['account', 'accountnumber', 'name', 'address1_city'],
  } as const
  return {
    async work() {
      edits += 1
      const what = random()
      await (what < 0.3 ? enter() : what < 0.65 ? rename() : move())
    },
    expected: () => [...records].map(([number, { name, city }]) => `${number}|${name}|${city}`).sort(),
    async found(side) {
      const [table, ...shown] = columns[side]
      const admin = side === 'local' ? local.admin : remote.admin
      const all = await admin.readAll(table)
      return all.map((record) => shown.map((column) => textOf(record, column)).join('|')).sort()
    },
    edits: () => edits,
  }
}
