import type pg from 'pg'
import { arrayLiteral } from '../src/lib/array-literal.ts'
import { localFields, localTypes, remoteFields, remoteTypes } from './customers.ts'
import {
  baseOf,
  column,
  FIRST_FIELD,
  type Floor,
  insertOutcomes,
  type Outcome,
  type Row,
  rows,
} from './floor.ts'

/** What the two sides differ in. */
export interface Side {
  /** Of the pass that starts from this side. */
  readonly direction: 'to' | 'from'
  readonly table: string
  readonly key: string
  readonly modified: string
  readonly fields: readonly string[]
  readonly types: readonly string[]
  /** Places in a row of the couplings. */
  readonly coupledKey: number
  readonly coupledVersion: number
}

export const local: Side = {
  direction: 'to',
  table: 'floor.customer',
  key: 'id',
  modified: 'modified',
  fields: localFields,
  types: localTypes,
  coupledKey: 0,
  coupledVersion: 2,
}

export const remote: Side = {
  direction: 'from',
  table: 'floor.account',
  key: 'accountid',
  modified: 'modifiedon',
  fields: remoteFields,
  types: remoteTypes,
  coupledKey: 1,
  coupledVersion: 3,
}

/** A `Row` of that side, whose table is called `t`. */
export const columnsOf = ({ key, modified, fields }: Side): string =>
  `t.${key}, t.xmin::text || '/' || t.ctid::text, t.${modified}, ${fields.map((field) => `t.${field}`).join(', ')}`

/** Two coupled rows, and what they have to become. */
export interface Pair {
  readonly customer: Row
  readonly account: Row
  /** Null: that side stays as it is. */
  readonly newCustomer: Row | null
  readonly newAccount: Row | null
}

/** Three-way merge with the two bases of the coupling; the remote side wins. */
export function merge(coupling: Row, customer: Row, account: Row): Pair {
  const [localBase, remoteBase] = [JSON.parse(coupling[4] ?? '{}'), JSON.parse(coupling[5] ?? '{}')]
  let newCustomer: (string | null)[] | null = null
  let newAccount: (string | null)[] | null = null
  for (let index = 0; index < localFields.length; index += 1) {
    const at = FIRST_FIELD + index
    const [ours, theirs] = [customer[at] ?? null, account[at] ?? null]
    if (theirs !== remoteBase[remoteFields[index] ?? '']) {
      newCustomer ??= [...customer]
      newCustomer[at] = theirs
    } else if (ours !== localBase[localFields[index] ?? '']) {
      newAccount ??= [...account]
      newAccount[at] = ours
    }
  }
  return { customer, account, newCustomer, newAccount }
}

/** Both sides, the couplings and the ledger in one transaction. Returns the number of records written. */
export async function writePairs({ writer }: Floor, pairs: readonly Pair[]): Promise<number> {
  await writer.query('BEGIN')
  const accounts = await update(
    writer,
    remote,
    pairs.map(({ newAccount }) => newAccount).filter((row) => row !== null),
  )
  const customers = await update(
    writer,
    local,
    pairs.map(({ newCustomer }) => newCustomer).filter((row) => row !== null),
  )
  const written = pairs.map((pair) => ({
    before: pair,
    customer: customers.get(pair.customer[0] ?? '') ?? pair.customer,
    account: accounts.get(pair.account[0] ?? '') ?? pair.account,
  }))
  await updateCouplings(writer, written)
  const toAccounts = written.filter(({ before }) => before.newAccount !== null)
  const toCustomers = written.filter(({ before }) => before.newCustomer !== null)
  await insertOutcomes(
    writer,
    'to',
    'modified',
    toAccounts.map((pair) => outcomeOf(pair, remote)),
  )
  await insertOutcomes(
    writer,
    'from',
    'modified',
    toCustomers.map((pair) => outcomeOf(pair, local)),
  )
  await writer.query('COMMIT')
  return toAccounts.length + toCustomers.length
}

/** Only rows that are still as they were read; what the table holds then comes back, by key. */
async function update(
  client: pg.Client,
  side: Side,
  changed: readonly Row[],
): Promise<ReadonlyMap<string, Row>> {
  if (changed.length === 0) return new Map()
  const { table, key, fields, types, direction } = side
  const arrays = types.map((type, index) => `$${index + 3}::${type}[]`)
  const text = `UPDATE ${table} t SET ${fields.map((field) => `${field} = w.${field}`).join(', ')}
    FROM unnest($1::uuid[], $2::text[], ${arrays.join(', ')}) AS w(key, version, ${fields.join(', ')})
    WHERE t.${key} = w.key AND t.xmin::text || '/' || t.ctid::text = w.version RETURNING ${columnsOf(side)}`
  const columns = [0, 1, ...fields.map((_, index) => FIRST_FIELD + index)].map((at) => column(changed, at))
  const written = await rows(client, `update-${direction}`, text, columns.map(arrayLiteral))
  if (written.length !== changed.length) throw new Error('The bench is wrong: somebody else edits as well')
  return new Map(written.map((row) => [row[0] ?? '', row]))
}

interface WrittenPair {
  readonly before: Pair
  readonly customer: Row
  readonly account: Row
}

async function updateCouplings(client: pg.Client, pairs: readonly WrittenPair[]): Promise<void> {
  const customers = pairs.map(({ customer }) => customer)
  const accounts = pairs.map(({ account }) => account)
  const bases = pairs.map(({ customer, account }) => [
    baseOf(localFields, customer),
    baseOf(remoteFields, account),
  ])
  const text = `UPDATE floor.coupling c SET local_version = w.local_version, remote_version = w.remote_version,
      local_modified_at = w.local_modified_at, remote_modified_at = w.remote_modified_at, local_base = bases->0,
      remote_base = bases->1, updated_at = now(), last_to_result = 'success', last_to_job_id = 1, last_to_at = now()
    FROM ROWS FROM (unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]),
      jsonb_array_elements($6::jsonb)) AS w(local_key, local_version, remote_version,
      local_modified_at, remote_modified_at, bases)
    WHERE c.local_key = w.local_key AND c.local_group = 'customer'`
  const columns = [
    column(customers, 0),
    column(customers, 1),
    column(accounts, 1),
    column(customers, 2),
    column(accounts, 2),
  ]
  await rows(client, 'update-couplings', text, [...columns.map(arrayLiteral), JSON.stringify(bases)])
}

/** The changed fields of the side that was written. */
function outcomeOf({ before, customer, account }: WrittenPair, side: Side): Outcome {
  const [old, now] = side === local ? [before.customer, customer] : [before.account, account]
  const places = side.fields.map((_, index) => FIRST_FIELD + index).filter((at) => old[at] !== now[at])
  return {
    localKey: customer[0] ?? null,
    remoteKey: account[0] ?? null,
    localVersion: customer[1] ?? null,
    remoteVersion: account[1] ?? null,
    changes: {
      fields: places.map((at) => side.fields[at - FIRST_FIELD] ?? ''),
      before: places.map((at) => old[at] ?? null),
      after: places.map((at) => now[at] ?? null),
    },
  }
}
