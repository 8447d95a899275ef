import type { Client } from 'pg'
import { localFields, localTypes, remoteFields } from './customers.ts'

/** Where one contestant has its two tables, and the couplings and outcomes about them. */
export interface System {
  readonly customers: string
  readonly accounts: string
  readonly ledger: string
}

export const systems: readonly System[] = [
  { customers: 'nav.customer', accounts: 'crm.account', ledger: 'couplet' },
  { customers: 'floor.customer', accounts: 'floor.account', ledger: 'floor' },
]

/** From here on both tables say when a row was changed, as systems do in which people work. */
export function stampSql({ customers, accounts }: System): string {
  const stamp = (table: string, field: string) => `
    CREATE FUNCTION ${table}_changed() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.${field} := now(); RETURN NEW; END $$;
    CREATE TRIGGER changed BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_changed();`
  return `CREATE INDEX ON ${accounts} (modifiedon, accountid);
    ${stamp(customers, 'modified')} ${stamp(accounts, 'modifiedon')}`
}

/** Some of the customers, by their number. */
interface Share {
  readonly each: number
  readonly from: number
}
const movedAtHome: Share = { each: 100, from: 7 }
const calledAbroad: Share = { each: 100, from: 57 }
const editedTwice: Share = { each: 10, from: 3 }
const clashing: Share = { each: 100, from: 13 }

const sizeOf = ({ each, from }: Share, size: number): number =>
  Math.max(0, Math.floor((size - from) / each) + 1)
const isIn = ({ each, from }: Share, number: string) => `substr(${number}, 2)::int % ${each} = ${from}`

/** What has become of the pairs: all of them equal, known as they are now, and with the values that were to win. */
export interface Pairs {
  readonly equal: number
  readonly current: number
  readonly changed: number
  readonly merged: number
  readonly clashed: number
  /** Rows of the ledger about a side that was written. */
  readonly outcomes: number
}

export interface Edits {
  readonly sql: (system: System) => string
  /** Records that have to be written, on either side. */
  readonly writes: number
}

/** One customer in a hundred moves, and of another one in a hundred the account gets a new telephone number. */
export function changeSides(size: number): Edits {
  return {
    writes: sizeOf(movedAtHome, size) + sizeOf(calledAbroad, size),
    sql: ({ customers, accounts }) => `
      UPDATE ${customers} SET city = 'Aarhus' WHERE ${isIn(movedAtHome, 'no')};
      UPDATE ${accounts} SET telephone1 = '+45 1' WHERE ${isIn(calledAbroad, 'accountnumber')};`,
  }
}

/** One record in ten gets a new city on one side and a new fax number on the other; some also a new street on both. */
export function mergeSides(size: number): Edits {
  const street = (field: string, number: string, street: string) =>
    `${field} = CASE WHEN ${isIn(clashing, number)} THEN '${street}' ELSE ${field} END`
  return {
    writes: 2 * sizeOf(editedTwice, size),
    sql: ({ customers, accounts }) => `
      UPDATE ${customers} SET city = 'Odense', ${street('address', 'no', 'Local Street')}
        WHERE ${isIn(editedTwice, 'no')};
      UPDATE ${accounts} SET fax = '+45 2', ${street('address1_line1', 'accountnumber', 'Remote Street')}
        WHERE ${isIn(editedTwice, 'accountnumber')};`,
  }
}

/** What the pairs have to be when everything that people did was brought across. */
export function expectPairs(size: number, done: readonly Edits[]): Pairs {
  const isMerged = done.length > 1
  return {
    equal: size,
    current: size,
    changed: sizeOf(movedAtHome, size) + sizeOf(calledAbroad, size),
    merged: isMerged ? sizeOf(editedTwice, size) : 0,
    clashed: isMerged ? sizeOf(clashing, size) : 0,
    outcomes: done.reduce((sum, { writes }) => sum + writes, 0),
  }
}

/** Bases and versions of the couplings are looked at too: who leaves them behind does less. */
export async function countPairs(people: Client, { customers, accounts, ledger }: System): Promise<Pairs> {
  const equal = localFields.map((field, index) => {
    const filled = (name: string) => (localTypes[index] === 'text' ? `nullif(${name}, '')` : name)
    return `${filled(`c.${field}`)} IS NOT DISTINCT FROM ${filled(`a.${remoteFields[index]}`)}`
  })
  const current = `k.local_version = c.xmin::text || '/' || c.ctid::text
    AND k.remote_version = a.xmin::text || '/' || a.ctid::text
    AND k.local_base->>'city' LIKE '%' || c.city AND coalesce(k.remote_base->>'fax', '') LIKE '%' || coalesce(a.fax, '')`
  const { rows } = await people.query<{ [name in keyof Pairs]: number }>(`
    SELECT count(*) FILTER (WHERE ${equal.join(' AND ')})::int AS equal,
      count(*) FILTER (WHERE ${current})::int AS current,
      count(*) FILTER (WHERE c.city = 'Aarhus' OR c.phone = '+45 1')::int AS changed,
      count(*) FILTER (WHERE c.city = 'Odense' AND c.fax = '+45 2')::int AS merged,
      count(*) FILTER (WHERE c.address = 'Remote Street')::int AS clashed,
      (SELECT count(*)::int FROM ${ledger}.outcome WHERE kind = 'modified') AS outcomes
    FROM ${customers} c JOIN ${accounts} a ON a.accountnumber = c.no
    JOIN ${ledger}.coupling k ON right(k.local_reference, 9) = c.no`)
  const [found] = rows
  if (!found) throw new Error('The bench is wrong: nothing was counted')
  return found
}
