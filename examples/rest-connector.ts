/**
 * A connector of one's own, for a service that gives and takes JSON; docs/connectors.md goes through it. The service:
 *
 * GET  /tables                                names of the tables
 * GET  /tables/T                              { key: [field], fields: [{ name, type, maxLength, nullable }] }
 * GET  /tables/T/records?after=RANK&limit=N   records in the order of their keys
 * GET  /tables/T/changes?since=N&limit=N      { newest, records }, in the order of their last change
 * POST /tables/T/lookup   [key]               the records that exist
 * POST /tables/T/batch    [write]             an answer per write, each carried out by itself
 *
 * A record: { rank, change, values }. Each change of the service has a number: the version of the record it has changed,
 * and the mark up to which changes have been read. Values are texts or null: numbers of JSON would lose digits.
 */
import type {
  Connector,
  ConnectorContext,
  ConnectorModule,
  FieldSchema,
  FieldType,
  SimpleSource,
  SourceAnswer,
  SourceRecord,
  SourceValues,
  SourceWrite,
  TableSchema,
} from 'couplet/connector'
import { contract } from './rest-service.ts'

export const connector: ConnectorModule = {
  connect,
  contract: (kit) => contract(kit, connect),
}

function connect(context: ConnectorContext): Connector {
  const { name, kit, settings } = context
  const { url = '' } = settings
  if (!URL.canParse(url))
    throw new kit.SyncError('CONFIG_INVALID', `Connection ${name}: url = '${url}' is no address`)
  const service = new Service(context, url)
  return {
    name,
    check: async (signal) => {
      await service.send('/tables', signal)
    },
    listTables: (signal) => service.send<string[]>('/tables', signal),
    async openTable(address, signal) {
      const path = `/tables/${encodeURIComponent(address.table)}`
      const schema = toSchema(address.table, await service.send<Description>(path, signal))
      return kit.simpleTable(createSource(kit.addressTable(schema, address), path, service, context))
    },
    close: async () => {},
  }
}

/** One request. Every failure has a code, by which Couplet knows whether to try again, and people what to do. */
class Service {
  readonly #context: ConnectorContext
  readonly #url: string

  constructor(context: ConnectorContext, url: string) {
    this.#context = context
    this.#url = url
  }

  async send<T>(path: string, signal: AbortSignal, body?: unknown): Promise<T> {
    const response = await fetch(this.#url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.#context.readSecret('token')}` },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
    }).catch((error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message
      throw this.#failure('CONNECTION_REFUSED', `${path} cannot be reached (${cause})`)
    })
    if (response.ok) return (await response.json()) as T
    await response.body?.cancel()
    if (response.status === 404) throw this.#failure('TABLE_NOT_FOUND', `${path} does not exist`)
    if (response.status === 401) throw this.#failure('SIGN_IN_REFUSED', 'the token is not accepted')
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000
    if (response.status === 429) throw this.#failure('THROTTLED', 'the service asks to wait', retryAfterMs)
    throw this.#failure('SERVICE_FAILED', `${path} answers ${response.status}`, retryAfterMs)
  }

  #failure(
    code: 'CONNECTION_REFUSED' | 'TABLE_NOT_FOUND' | 'SIGN_IN_REFUSED' | 'THROTTLED' | 'SERVICE_FAILED',
    message: string,
    retryAfterMs = 0,
  ) {
    const { name, kit } = this.#context
    const wait = retryAfterMs > 0 ? { retryAfterMs } : {}
    return new kit.SyncError(code, `Connection ${name} (${this.#url}): ${message}`, wait)
  }
}

interface Description {
  readonly key: readonly string[]
  readonly fields: readonly {
    readonly name: string
    readonly type: Exclude<FieldType['kind'], 'option' | 'json'>
    readonly maxLength: number | null
    readonly nullable: boolean
  }[]
}

function toSchema(table: string, { key, fields }: Description): TableSchema {
  const toField = ({ name, nullable, ...type }: Description['fields'][number]): [string, FieldSchema] => [
    name,
    { name, type: toType(type), nullable, writable: true, hasDefault: false },
  ]
  return {
    table,
    fields: new Map(fields.map(toField)),
    keyFields: key,
    creation: 'given',
    modifiedField: null,
    exactVersions: true,
    maxServerRunMs: 60_000,
    estimatedRows: null,
  }
}

function toType({ type, maxLength }: Pick<Description['fields'][number], 'type' | 'maxLength'>): FieldType {
  if (type === 'text' || type === 'code') return { kind: type, maxLength }
  if (type === 'integer') return { kind: type, bits: 64 }
  return type === 'decimal' ? { kind: type, precision: null, scale: null } : { kind: type }
}

interface RestRecord {
  readonly rank: string
  readonly change: number
  readonly values: SourceValues
}

interface RestAnswer {
  readonly status: number
  readonly record?: RestRecord
  readonly error?: { readonly reason: string; readonly field: string; readonly message: string }
}

/** What one table of the service can do; everything else is done by `simpleTable`. */
function createSource(
  schema: TableSchema,
  path: string,
  service: Service,
  { kit }: ConnectorContext,
): SimpleSource {
  const toRecord = ({ change, values }: RestRecord): SourceRecord => ({ version: String(change), values })
  const readNewest = async (signal: AbortSignal) =>
    String((await service.send<{ newest: number }>(`${path}/changes?since=0&limit=0`, signal)).newest)
  return {
    schema,
    async readPage({ after, limit, signal }) {
      const query = new URLSearchParams({ limit: String(limit), ...(after === null ? {} : { after }) })
      const records = await service.send<RestRecord[]>(`${path}/records?${query}`, signal)
      const next = records.length < limit ? null : (records.at(-1)?.rank ?? null)
      return { records: records.map(toRecord), next }
    },
    async readChanges({ since, end, limit, signal }) {
      const query = `since=${since ?? 0}&limit=${limit}`
      const { records } = await service.send<{ records: RestRecord[] }>(`${path}/changes?${query}`, signal)
      const mark = records.at(-1)?.change ?? Number(since ?? 0)
      const isLast = records.length < limit || mark >= Number(end)
      return { records: records.map(toRecord), mark: String(mark), isLast }
    },
    takeMark: readNewest,
    readRecords: async (keys, signal) =>
      (await service.send<RestRecord[]>(`${path}/lookup`, signal, keys)).map(toRecord),
    // The service shows everybody everything.
    readAccess: async () => 'everything',
    async write(writes, signal) {
      const answers = await service.send<RestAnswer[]>(`${path}/batch`, signal, writes)
      return answers.map((answer, index) => toAnswer(answer, writes[index]))
    },
  }

  function toAnswer({ status, record, error }: RestAnswer, write: SourceWrite | undefined): SourceAnswer {
    if (record) return { status: status === 409 ? 'exists' : 'written', record: toRecord(record) }
    if (status === 204) return { status: 'deleted' }
    if (status === 404) return { status: 'missing' }
    if (status === 412) return { status: 'version-mismatch' }
    const codes = { required: 'VALUE_MISSING', 'too long': 'VALUE_TRUNCATED' } as const
    const code =
      error?.reason === 'required' || error?.reason === 'too long' ? codes[error.reason] : 'VALUE_REFUSED'
    const field = error?.field ?? null
    const value = field === null ? null : (write?.values[field]?.slice(0, 199) ?? null)
    const message = error?.message ?? `The service answers ${status}`
    return { status: 'rejected', problem: kit.problem(code, message, { field, value }) }
  }
}
