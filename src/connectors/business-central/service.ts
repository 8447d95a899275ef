import { SyncError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/runtime.ts'
import type { Transport } from '../http/transport.ts'
import { ODataClient } from '../odata/client.ts'
import type { EdmModel } from '../odata/csdl.ts'
import { LinkTrail, type ODataRow } from '../odata/page.ts'
import { entityPath, withQuery } from '../odata/query.ts'
import type { ApiAddress } from './table-name.ts'

export interface ServiceSettings {
  /** Name of the connection, for messages. */
  readonly connection: string
  readonly root: URL
  readonly transport: Transport
  /** Name or id. */
  readonly company: string
  readonly maxAnswerBytes: number
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** Metadata is big and changes when extensions are installed. */
const metadataMs = 10 * 60_000
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

interface Described {
  readonly model: Promise<EdmModel>
  readonly atMs: number
}

/** The APIs of one service, each with a client of its own below the same transport, and the company in them. */
export class Service {
  readonly #settings: ServiceSettings
  readonly #clients = new Map<string, ODataClient>()
  readonly #metadata = new Map<string, Described>()
  readonly #companies = new Map<string, string>()

  constructor(settings: ServiceSettings) {
    this.#settings = settings
  }

  client({ path }: ApiAddress): ODataClient {
    const { root, transport, connection, maxAnswerBytes } = this.#settings
    const client =
      this.#clients.get(path) ??
      new ODataClient({ connection, root: new URL(path, root), transport, maxAnswerBytes })
    this.#clients.set(path, client)
    return client
  }

  /** Read once and kept for some minutes, unless it is `outdated`; whoever asks meanwhile waits for the same request. */
  async metadata(api: ApiAddress, signal: AbortSignal, outdated: EdmModel | null = null): Promise<EdmModel> {
    const known = this.#metadata.get(api.path)
    const nowMs = this.#settings.clock.monotonicMs()
    if (known && nowMs - known.atMs < metadataMs && (await known.model) !== outdated) return known.model
    const described = { model: this.client(api).metadata({ signal }), atMs: nowMs }
    this.#metadata.set(api.path, described)
    try {
      return await described.model
    } catch (error) {
      if (this.#metadata.get(api.path) === described) this.#metadata.delete(api.path)
      throw error
    }
  }

  /** `companies(…)` or `Company('…')`, percent-encoded. Throws COMPANY_NOT_FOUND, with the names there are. */
  async companyPath(api: ApiAddress, signal: AbortSignal): Promise<string> {
    const known = this.#companies.get(api.path)
    if (known !== undefined) return known
    const { company } = this.#settings
    const isPages = api.kind === 'pages'
    const isNamedRight = isPages ? !guid.test(company) : guid.test(company)
    const path = isNamedRight ? pathOf(company, isPages) : pathOf(await this.#find(api, signal), isPages)
    this.#companies.set(api.path, path)
    return path
  }

  /** Asks the service for its companies, so that a wrong one is told by name. */
  async check(api: ApiAddress, signal: AbortSignal): Promise<void> {
    await this.#find(api, signal)
  }

  readTime(api: ApiAddress, signal: AbortSignal): Promise<Date | null> {
    return this.client(api).readTime(companiesOf(api), { signal, lane: 'interactive' })
  }

  close(): Promise<void> {
    return this.#settings.transport.close()
  }

  /** Name or id of the company, whichever this API takes. */
  async #find(api: ApiAddress, signal: AbortSignal): Promise<string> {
    const { company, connection } = this.#settings
    const isPages = api.kind === 'pages'
    const fields = isPages ? { id: 'Id', name: 'Name' } : { id: 'id', name: 'name' }
    const rows = await this.readAll(api, companiesOf(api), Object.values(fields), signal)
    const wanted = company.toLowerCase()
    const found = rows.find(
      (row) => row[fields.name] === company || String(row[fields.id]).toLowerCase() === wanted,
    )
    const address = found?.[isPages ? fields.name : fields.id]
    if (typeof address === 'string') return address
    const names = rows.map((row) => String(row[fields.name])).join(', ')
    const message = `Connection ${connection}: there is no company ${company}; there are: ${names || 'none'}`
    throw new SyncError('COMPANY_NOT_FOUND', message, { data: { connection, company } })
  }

  /** A small set that belongs to no company, whole. */
  async readAll(
    api: ApiAddress,
    entitySet: string,
    select: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly ODataRow[]> {
    const client = this.client(api)
    const trail = new LinkTrail(client.facts)
    const rows: ODataRow[] = []
    for (
      let next: string | null = withQuery(entitySet, select.length > 0 ? { select } : {});
      next !== null;
    ) {
      const page: Awaited<ReturnType<ODataClient['page']>> = await client.page(next, { signal })
      trail.follow(page)
      rows.push(...page.rows)
      next = page.next
    }
    return rows
  }
}

function pathOf(company: string, isPages: boolean): string {
  return isPages
    ? entityPath('Company', [{ name: 'Name', type: 'Edm.String', value: `text:${company}` }])
    : entityPath('companies', [{ name: 'id', type: 'Edm.Guid', value: `uuid:${company.toLowerCase()}` }])
}

const companiesOf = ({ kind }: ApiAddress) => (kind === 'pages' ? 'Company' : 'companies')
