import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Pool } from 'undici'
import type { ConnectedTable, WriteOperation } from '../src/core/ports/connector.ts'
import type { Value, Values } from '../src/core/values/value.ts'
import { type Connected, connect, type SentRequest } from './http-connect.ts'
import { type HttpSystem, type Place, type RunningSimulator, startSimulator } from './http-place.ts'
import { expectEqual, seconds, type Times } from './measure.ts'
import { siblingProcess } from './sibling.ts'

export interface HttpTimes {
  /** All records of a table. */
  readonly read: Times
  /** New records, given to the connector a page at a time. */
  readonly create: Times
}

interface Subject {
  readonly table: string
  readonly fields: readonly string[]
  /** The values of the nth new record. */
  values(index: number): Values
}

const texts = (names: readonly string[], index: number): Values =>
  Object.fromEntries(names.map((name): [string, Value] => [name, `text:${name} ${index}`]))

/** What is read and created in each system. */
const subjects: Readonly<Record<HttpSystem, Subject>> = {
  dataverse: {
    table: 'account',
    fields: [
      'accountid',
      'name',
      'accountnumber',
      'address1_line1',
      'address1_city',
      'address1_postalcode',
      'telephone1',
      'emailaddress1',
      'creditlimit',
      'statecode',
    ],
    values: (index) => ({
      ...texts(['name', 'address1_line1', 'address1_city', 'telephone1'], index),
      accountnumber: `text:N${index}`,
      creditlimit: 'dec:1000.5',
    }),
  },
  'business-central': {
    table: 'customers',
    fields: [
      'id',
      'number',
      'displayName',
      'addressLine1',
      'city',
      'postalCode',
      'phoneNumber',
      'email',
      'creditLimit',
      'blocked',
    ],
    values: (index) => ({
      ...texts(['displayName', 'addressLine1', 'city'], index),
      number: `text:N${index}`,
      creditLimit: 'dec:1000.5',
    }),
  },
}

/** Most new records in a round: a simulator keeps each of them. */
export const MOST_CREATED = 10_000

/** A connector beside a bare loop that sends the very same requests, each against the same state of the simulator. */
export async function measureHttp(
  system: HttpSystem,
  { size, pageSize }: { size: number; pageSize: number },
): Promise<HttpTimes> {
  const simulator = await startSimulator(system, size)
  const connected = connect(system, simulator.place, { notes: true })
  const subject = subjects[system]
  const signal = new AbortController().signal
  try {
    const table = await connected.connector.openTable({ table: subject.table }, signal)
    const read = () => readAll(table, subject, pageSize)
    const count = Math.min(size, MOST_CREATED)
    const pages = creations(table, subject, { count, pageSize })
    const create = () => createAll(table, subject, pages)
    return {
      read: await contest(simulator, connected, read),
      create: await contest(simulator, connected, create),
    }
  } finally {
    await connected.close()
    await simulator.stop()
  }
}

/** A pass that is not measured warms the simulator up; then the loop sends what the connector has just sent. */
async function contest(
  simulator: RunningSimulator,
  connected: Connected,
  work: () => Promise<void>,
): Promise<Times> {
  await reset(simulator)
  await work()
  await reset(simulator)
  connected.takeSent()
  const engine = await seconds(work)
  const sent = connected.takeSent()
  await reset(simulator)
  return { engine, floor: await seconds(() => sendBare(sent, connected.atOnce())) }
}

async function reset({ place }: RunningSimulator): Promise<void> {
  const answer = await fetch(`${place.url}/_admin/reset`, { method: 'POST' })
  expectEqual('answer to a reset', answer.ok, true)
}

/** Reads a whole table a page at a time and keeps nothing. */
async function readAll(table: ConnectedTable, { fields }: Subject, pageSize: number): Promise<void> {
  const signal = new AbortController().signal
  let read = 0
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page = await table.readAll({ fields, filter: null, cursor, limit: pageSize, signal })
    for (const record of page.records) read += Object.keys(record.values).length > 0 ? 1 : 0
    cursor = page.next
  }
  if (read === 0) throw new Error('The bench is wrong: nothing was read')
}

/** The writes of all pages, made before the time is taken. */
function creations(
  { schema }: ConnectedTable,
  { values }: Subject,
  { count, pageSize }: { count: number; pageSize: number },
): readonly (readonly WriteOperation[])[] {
  const keyField = schema.creation === 'given' ? schema.keyFields[0] : undefined
  const creation = (index: number): WriteOperation => {
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` as const
    if (keyField === undefined) return { kind: 'insert', token: id, key: null, values: values(index) }
    const key = `uuid:${id}` as const
    return { kind: 'insert', token: id, key, values: { ...values(index), [keyField]: key } }
  }
  return Array.from({ length: Math.ceil(count / pageSize) }, (_, page) =>
    Array.from({ length: Math.min(pageSize, count - page * pageSize) }, (_, offset) =>
      creation(page * pageSize + offset),
    ),
  )
}

async function createAll(
  table: ConnectedTable,
  { fields }: Subject,
  pages: readonly (readonly WriteOperation[])[],
): Promise<void> {
  for (const operations of pages) {
    const results = await table.write({
      operations,
      returning: fields,
      assertMaySend: () => undefined,
      signal: new AbortController().signal,
    })
    for (const result of results) expectEqual('status of a creation', result.status, 'written')
  }
}

/** Nothing but sending and reading: the requests in their order, as many at once as the connector had. */
async function sendBare(sent: readonly SentRequest[], atOnce: number): Promise<void> {
  const [first] = sent
  if (first === undefined) throw new Error('The bench is wrong: nothing was sent')
  const pool = new Pool(first.url.origin, { connections: atOnce })
  const waiting = [...sent]
  const send = async () => {
    for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
      const { method, url, headers, body } = request
      const answer = await pool.request({ method, path: url.pathname + url.search, headers, body })
      const text = await answer.body.text()
      if (answer.statusCode >= 300)
        throw new Error(`The bench is wrong: status ${answer.statusCode}: ${text}`)
      if (String(answer.headers['content-type']).startsWith('application/json')) JSON.parse(text)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, send))
  await pool.close()
}

/** Peak resident set in bytes of a process that reads `size` records of a system through its connector. */
export async function measureHttpPeak(system: HttpSystem, size: number, pageSize: number): Promise<number> {
  const simulator = await startSimulator(system, size)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...siblingProcess('http-memory-process', import.meta.url),
      system,
      JSON.stringify(simulator.place),
      String(pageSize),
    ])
    return Number(stdout)
  } finally {
    await simulator.stop()
  }
}

/** Reads the table of a system's subject once, through its connector. */
export async function readOnce(system: HttpSystem, place: Place, pageSize: number): Promise<void> {
  const connected = connect(system, place, { notes: false })
  const { table } = subjects[system]
  const opened = await connected.connector.openTable({ table }, new AbortController().signal)
  await readAll(opened, subjects[system], pageSize)
  await connected.close()
}
