import { DatabaseError, type PoolClient } from 'pg'
import type { CrashCouplet } from './crash-couplet.ts'

/** A field that people change on one side only, so that its last value is known and no conflict can arise. */
interface Owned {
  readonly table: string
  readonly number: string
  readonly field: string
  readonly value: (count: number) => string
}

const text = (count: number) => `edit ${count}`
const money = (count: number) => `${count}.25`

const owned: readonly Owned[] = [
  { table: 'nav.customer', number: 'no', field: 'city', value: text },
  { table: 'crm.account', number: 'number', field: 'phone', value: text },
  { table: 'nav.contact', number: 'no', field: 'name', value: text },
  { table: 'crm.contact', number: 'number', field: 'email', value: (count) => `${count}@edit` },
  { table: 'nav.price', number: 'code', field: 'amount', value: (count) => `${count % 9_000}.5` },
  { table: 'crm.price', number: 'code', field: 'note', value: text },
  { table: 'nav.item', number: 'no', field: 'price', value: money },
  { table: 'nav.resource', number: 'no', field: 'note', value: text },
  { table: 'nav.unit', number: 'code', field: 'factor', value: (count) => `${count}.12345` },
  { table: 'navb.customer', number: 'no', field: 'city', value: text },
  { table: 'crmb.account', number: 'number', field: 'phone', value: text },
]

const births = [
  (n: number) => `INSERT INTO nav.customer (no, name, salesperson_code) VALUES ('CX${n}', 'New ${n}', 'SP1')`,
  (n: number) => `INSERT INTO crm.account (number, name) VALUES ('RX${n}', 'New ${n}')`,
  (n: number) =>
    `INSERT INTO nav.contact (no, name, email, customer_no) VALUES ('KX${n}', 'New ${n}', 'a@b', 'C1')`,
  (n: number) => `INSERT INTO crm.contact (number, fullname, email) VALUES ('RKX${n}', 'New ${n}', 'a@b')`,
  (n: number) => `INSERT INTO nav.price (code, amount) VALUES ('PX${n}', ${n})`,
  (n: number) => `INSERT INTO crm.price (code, amount) VALUES ('RPX${n}', ${n})`,
  (n: number) => `INSERT INTO nav.item (no, description, price) VALUES ('${5000 + n}', 'New ${n}', 1)`,
  (n: number) => `INSERT INTO nav.resource (no, description, price) VALUES ('${5000 + n}', 'New ${n}', 1)`,
  (n: number) => `INSERT INTO crmb.account (number, name) VALUES ('RBX${n}', 'New ${n}')`,
]

export interface Editors {
  /** One transaction that edits some records and makes a new one; it may stay open until a later call. */
  edit(): Promise<void>
  /** Ends the transactions that are still open. */
  finish(): Promise<void>
  /** Fields whose last edit has got lost, on the very side where it was made. */
  lost(): Promise<readonly string[]>
}

interface Edit {
  readonly owned: Owned
  readonly number: string
  readonly value: string
}

interface OpenTransaction {
  readonly client: PoolClient
  readonly edits: readonly Edit[]
}

/** People at work on both sides, guided by a seeded generator. */
export function createEditors(couplet: CrashCouplet, random: () => number): Editors {
  const last = new Map<string, Edit>()
  const numbers = new Map<string, readonly string[]>()
  let open: OpenTransaction | null = null
  let count = 0
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const plan = async (): Promise<Edit> => {
    const target = pick(owned)
    const known = numbers.get(target.table) ?? (await numbersOf(couplet, target))
    numbers.set(target.table, known)
    count += 1
    return { owned: target, number: pick(known), value: target.value(count) }
  }
  const finish = async () => {
    if (open === null) return
    const { client, edits } = open
    open = null
    await client.query('COMMIT')
    client.release()
    for (const edit of edits) last.set(`${edit.owned.table}.${edit.owned.field} ${edit.number}`, edit)
  }
  return {
    finish,
    async edit() {
      await finish()
      const edits: Edit[] = []
      for (let left = 1 + Math.floor(random() * 6); left > 0; left -= 1) edits.push(await plan())
      count += 1
      open = await begin(couplet, edits, pick(births)(count))
      if (random() < 0.6) await finish()
    },
    async lost() {
      const found: string[] = []
      for (const [name, edit] of last) {
        const now = await valueNow(couplet, edit)
        if (Number(now) !== Number(edit.value) && now !== edit.value)
          found.push(`${name}: ${edit.value} has become ${now}`)
      }
      return found
    },
  }
}

/** Null: the server has ended it, because it and a worker waited for each other; then nothing of it has happened. */
async function begin(
  couplet: CrashCouplet,
  edits: readonly Edit[],
  birth: string,
): Promise<OpenTransaction | null> {
  const client = await couplet.systems.connect()
  try {
    await client.query('BEGIN')
    for (const { owned: target, number, value } of edits) {
      await client.query(`UPDATE ${target.table} SET ${target.field} = $1 WHERE ${target.number} = $2`, [
        value,
        number,
      ])
    }
    await client.query(birth)
    return { client, edits }
  } catch (error) {
    await client.query('ROLLBACK')
    client.release()
    if (error instanceof DatabaseError && error.code === '40P01') return null
    throw error
  }
}

async function valueNow(couplet: CrashCouplet, { owned: target, number }: Edit): Promise<string> {
  const rows = await couplet.rows<{ value: string }>(
    `SELECT ${target.field}::text AS value FROM ${target.table} WHERE ${target.number} = $1`,
    [number],
  )
  return rows.map((row) => row.value).join()
}

/** Numbers a target's people may edit: those of the side's own data, without the bad ones. */
async function numbersOf(couplet: CrashCouplet, { table, number }: Owned): Promise<readonly string[]> {
  const rows = await couplet.rows<{ number: string }>(
    `SELECT ${number} AS number FROM ${table} WHERE ${number} NOT LIKE '%BAD' AND ${number} <> 'CWAITS' ORDER BY 1 LIMIT 40`,
  )
  return rows.map((row) => row.number)
}
