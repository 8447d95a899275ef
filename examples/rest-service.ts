/** The service that rest-connector.ts is for, with nothing but memory; and the contract's way to work in it. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  ConnectorContext,
  ConnectorKit,
  ConnectorModule,
  ContractSubject,
  Values,
} from 'couplet/connector'

type Raw = Readonly<Record<string, string | null>>

interface Field {
  readonly name: string
  readonly type: string
  readonly maxLength: number | null
  readonly nullable: boolean
}

interface Table {
  readonly key: readonly string[]
  readonly fields: readonly Field[]
  readonly stamped: string | undefined
  readonly records: Map<string, { readonly rank: string; readonly change: number; readonly values: Raw }>
}

interface Write {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly key: readonly string[] | null
  readonly version: string | null
  readonly values: Raw
}

/** Keeps the tables, and numbers all changes. */
class Service {
  readonly tables = new Map<string, Table>()
  newest = 0

  /** One write, as the batch answers it. */
  write(table: Table, { kind, key, version, values }: Write) {
    const rank = JSON.stringify(key ?? table.key.map((field) => values[field]))
    const before = table.records.get(rank)
    if (kind === 'insert' && before) return { status: 409, record: before }
    if (kind !== 'insert' && !before) return { status: 404 }
    if (before && String(before.change) !== version) return { status: 412 }
    if (kind === 'delete') {
      table.records.delete(rank)
      return { status: 204 }
    }
    const error = table.fields.map((field) => refuse(field, { ...before?.values, ...values })).find(Boolean)
    return error
      ? { status: 422, error }
      : { status: 200, record: this.put(table, rank, before?.values, values) }
  }

  put(table: Table, rank: string, before: Raw | undefined, values: Raw) {
    const stamp = table.stamped === undefined ? {} : { [table.stamped]: new Date().toISOString() }
    this.newest += 1
    const record = { rank, change: this.newest, values: { ...before, ...stamp, ...values } }
    table.records.set(rank, record)
    return record
  }

  answer(method: string, path: readonly string[], query: URLSearchParams, body: unknown): unknown {
    const [, name, part] = path
    if (name === undefined) return [...this.tables.keys()]
    const table = this.tables.get(decodeURIComponent(name))
    if (!table) return null
    const limit = Number(query.get('limit'))
    const records = [...table.records.values()]
    if (part === 'records') {
      const after = query.get('after')
      const rest = records.filter(({ rank }) => after === null || rank > after)
      return rest.sort((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, limit)
    }
    if (part === 'changes') {
      const rest = records.filter(({ change }) => change > Number(query.get('since')))
      return { newest: this.newest, records: rest.sort((a, b) => a.change - b.change).slice(0, limit) }
    }
    if (part === 'lookup')
      return (body as string[][]).flatMap((key) => table.records.get(JSON.stringify(key)) ?? [])
    if (part === 'batch') return (body as Write[]).map((write) => this.write(table, write))
    return method === 'GET' ? { key: table.key, fields: table.fields } : null
  }
}

function refuse({ name, maxLength, nullable }: Field, values: Raw) {
  const value = values[name] ?? null
  if (value === null && !nullable) return { reason: 'required', field: name, message: `${name} is required` }
  if (maxLength === null || (value?.length ?? 0) <= maxLength) return null
  return { reason: 'too long', field: name, message: `${name} takes ${maxLength} characters` }
}

async function serve(service: Service, token: string) {
  const server = createServer(async (request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${token}`
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await readBody(request)
    const found = service.answer(
      request.method ?? '',
      url.pathname.split('/').slice(1),
      url.searchParams,
      body,
    )
    response.writeHead(!isKnown ? 401 : found === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKnown ? found : null))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, close }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** What `couplet connector test` works with: tables are made, and people work, in the service itself. */
export function contract(
  kit: ConnectorKit,
  connect: ConnectorModule['connect'],
): Omit<ContractSubject, 'name'> {
  const service = new Service()
  const token = 'for tests only'
  const rawOf = (values: Values): Raw =>
    Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value && kit.rawOf(value)]))
  const rankOf = (key: string) => JSON.stringify(kit.decodeKey(key).map(kit.rawOf))
  const tableOf = (name: string) => {
    const table = service.tables.get(name)
    if (!table) throw new Error(`There is no table ${name}`)
    return table
  }
  const impossible = () => Promise.reject(new Error('The service cannot do this'))
  return {
    lacks: {
      'kind:json': 'the service has no such fields',
      'serial keys': 'the service makes no keys',
      'changing keys': 'a key stays',
      'given times': 'the service gives all times itself',
      'records without a time': 'the service gives all times itself',
      'tables without a time': 'changes are found by their number',
      'open transactions': 'a change can be seen at once',
      normalising: 'values stay as they are',
      'limited views': 'everybody sees everything',
    },
    async setUp() {
      const { url, close } = await serve(service, token)
      const context: ConnectorContext = {
        name: 'rest',
        settings: { url, token: 'env:TOKEN' },
        readSecret: () => token,
        kit,
      }
      return {
        connector: await connect(context),
        async addTable({ table, fields, keyFields, stampedField }) {
          const described = fields.map(({ name, type, nullable }) => ({
            name,
            type: type.kind,
            maxLength: 'maxLength' in type ? type.maxLength : null,
            nullable: nullable ?? !keyFields.includes(name),
          }))
          service.tables.set(table, {
            key: keyFields,
            fields: described,
            stamped: stampedField,
            records: new Map(),
          })
        },
        async insert(name, ...records) {
          const table = tableOf(name)
          for (const values of records) {
            const raw = rawOf(values)
            service.put(table, JSON.stringify(table.key.map((field) => raw[field])), undefined, raw)
          }
        },
        async edit(name, key, values) {
          const table = tableOf(name)
          service.put(table, rankOf(key), table.records.get(rankOf(key))?.values, rawOf(values))
        },
        async remove(name, key) {
          tableOf(name).records.delete(rankOf(key))
        },
        begin: impossible,
        limited: impossible,
        close,
      }
    },
  }
}
