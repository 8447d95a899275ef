import { filterFields } from '../../core/mapping/filter-bind.ts'
import type { Page, ReadRequest } from '../../core/ports/connector.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { dataverseDialect } from '../odata/dialects.ts'
import { toServerFilter } from '../odata/filter.ts'
import { LinkTrail } from '../odata/page.ts'
import { withQuery } from '../odata/query.ts'
import { readLink, writeLink } from './cursors.ts'
import { keyOf, passesFilter, recordReader, selectionOf } from './rows.ts'
import { contextOf, type TableAccess } from './table-access.ts'

/** Follows the pages of one table by the links of the service, in the order of its keys. */
export class KeyPages {
  private readonly access: TableAccess
  private trail: LinkTrail

  constructor(access: TableAccess) {
    this.access = access
    this.trail = new LinkTrail(access.client.facts)
  }

  /** One page of all records that pass the filter; what the service cannot test is tested here. */
  async readAll({ fields, filter, cursor, limit, signal }: ReadRequest): Promise<Page> {
    const { shape } = this.access
    const { select, prefer } = selectionOf(shape, fields, filter ? filterFields(filter) : [])
    const question = filter && toServerFilter(filter, shape.filterProperties, dataverseDialect)
    if (question?.kind === 'nothing') return { records: [], next: null }
    const path = withQuery(shape.entitySet, {
      select,
      filter: question?.kind === 'expression' ? question.text : null,
      orderBy: [shape.key.property],
    })
    const page = await this.follow(path, { cursor, limit, signal, prefer })
    const passes = passesFilter(shape, question?.isExact === false ? filter : null)
    const read = recordReader(shape, fields)
    return { records: page.rows.filter(passes).map(read), next: page.next }
  }

  async listKeys(request: {
    readonly cursor: string | null
    readonly limit: number
    readonly signal: AbortSignal
  }): Promise<{ readonly keys: readonly RecordKey[]; readonly next: string | null }> {
    const { shape } = this.access
    const path = withQuery(shape.entitySet, {
      select: [shape.key.property],
      orderBy: [shape.key.property],
    })
    const page = await this.follow(path, { ...request, prefer: {} })
    return { keys: page.rows.map((row) => keyOf(shape, row)), next: page.next }
  }

  private async follow(
    path: string,
    { cursor, limit, signal, prefer }: Pick<ReadRequest, 'cursor' | 'limit' | 'signal'> & { prefer: object },
  ) {
    const link = readLink(cursor, path)
    if (link === null) this.trail = new LinkTrail(this.access.client.facts)
    const page = await this.access.client.page(link ?? path, {
      ...contextOf(this.access, signal),
      prefer: { ...prefer, maxPageSize: limit },
    })
    this.trail.follow(page)
    return { rows: page.rows, next: page.next === null ? null : writeLink(page.next, path) }
  }
}
