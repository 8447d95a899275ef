import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BatchRequest } from '../../src/connectors/odata/batch.ts'
import type { ODataAnswer } from '../../src/connectors/odata/client.ts'
import { dataverseDialect } from '../../src/connectors/odata/dialects.ts'
import { toServerFilter } from '../../src/connectors/odata/filter.ts'
import { isJsonObject, type JsonObject } from '../../src/connectors/odata/json.ts'
import { etagOf, LinkTrail, type ODataRow } from '../../src/connectors/odata/page.ts'
import { entityPath, withQuery } from '../../src/connectors/odata/query.ts'
import type { BoundFilter } from '../../src/core/mapping/filter.ts'
import { type Child, startChild } from '../support/child.ts'
import { openClient, type TestClient } from '../support/http/odata.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

/** SAP CAP differs from the two business systems on purpose; see connectors.md C. */
describe('an OData V4 service that nobody here wrote', () => {
  let database: TestDatabase
  let service: Child
  let opened: TestClient

  beforeAll(async () => {
    database = await createDatabase()
    service = startChild('test/support/http/cap-process.mjs', { env: { DATABASE_URL: database.url } })
    const port = await service.printed(/listening on (\d+)/)
    opened = openClient(new URL(`http://127.0.0.1:${port}/odata/v4/peer/`))
  })
  afterAll(async () => {
    await opened?.client.close()
    service?.process.kill()
    await service?.ended()
    await database?.drop()
  })

  const context = () => ({ signal: new AbortController().signal })
  const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const path = (number: number) =>
    entityPath('Accounts', [{ name: 'ID', type: 'Edm.Guid', value: `uuid:${idOf(number)}` }])
  const send = (request: Omit<Parameters<TestClient['client']['send']>[0], 'signal'>) =>
    opened.client.send({ ...context(), ...request })
  const bodyOf = (answer: ODataAnswer): JsonObject => {
    if (!answer.ok || !isJsonObject(answer.body)) throw new Error(JSON.stringify(answer))
    return answer.body
  }

  async function readAll(
    path: string,
  ): Promise<{ readonly rows: readonly ODataRow[]; readonly pages: number }> {
    const trail = new LinkTrail(opened.client.facts)
    const rows: ODataRow[] = []
    let pages = 0
    for (let link: string | null = path; link !== null; pages += 1) {
      const page: Awaited<ReturnType<TestClient['client']['page']>> = await opened.client.page(link, {
        ...context(),
        prefer: { maxPageSize: 100 },
      })
      trail.follow(page)
      rows.push(...page.rows)
      link = page.next
    }
    return { rows, pages }
  }

  it('describes itself: keys, lengths, scales, references', async () => {
    const { entitySets } = await opened.client.metadata(context())
    const accounts = entitySets.get('Accounts')
    expect(accounts).toMatchObject({ name: 'Peer.Accounts', key: ['ID'] })
    expect(accounts?.properties.get('name')).toMatchObject({
      type: 'Edm.String',
      maxLength: 100,
      nullable: false,
    })
    expect(accounts?.properties.get('creditLimit')).toMatchObject({
      type: 'Edm.Decimal',
      precision: 19,
      scale: 4,
    })
    expect(accounts?.properties.get('changedAt')).toMatchObject({ type: 'Edm.DateTimeOffset', precision: 7 })
    expect(accounts?.navigation.get('parent')).toEqual({
      name: 'parent',
      target: 'Peer.Accounts',
      isCollection: false,
      entitySet: 'Accounts',
      constraints: new Map([['parent_ID', 'ID']]),
    })
    expect(accounts?.navigation.get('lines')).toMatchObject({ target: 'Peer.Lines', isCollection: true })
    expect(entitySets.get('Lines')?.key).toEqual(['account_ID', 'number'])
  })

  it('takes records, and gives all of them by pages whose size it chooses, behind relative links', async () => {
    for (let number = 1; number <= 8; number += 1) {
      const body = {
        ID: idOf(number),
        name: `O'Brien & Söhne #${number}`,
        size: number,
        creditLimit: 20_000.25,
      }
      const created = await send({ method: 'POST', path: 'Accounts', body })
      expect(bodyOf(created)).toMatchObject(body)
    }
    const query = { select: ['name', 'size'], orderBy: ['size desc', 'ID'] }
    const { rows, pages } = await readAll(withQuery('Accounts', query))
    expect(pages).toBe(3)
    expect(rows.map(({ size }) => size)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  })

  it.each<readonly [string, BoundFilter, readonly number[]]>([
    ['text with everything in it', { field: 'name', op: '=', value: "text:O'Brien & Söhne #3" }, [3]],
    [
      'the begin of a text',
      { field: 'name', op: 'begins with', value: "text:O'Brien & S" },
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
    [
      'a choice',
      {
        or: [
          { field: 'size', op: 'in', values: ['int:1', 'int:2'] },
          { field: 'size', op: '>', value: 'int:7' },
        ],
      },
      [1, 2, 8],
    ],
    [
      'null, in all comparisons',
      { not: { field: 'born', op: '<', value: 'date:2024-05-01' } },
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
    [
      'a decimal and an order',
      {
        and: [
          { field: 'limit', op: '=', value: 'dec:20000.25' },
          { field: 'size', op: '<=', value: 'int:2' },
        ],
      },
      [1, 2],
    ],
  ])('understands our filters: %s', async (_what, filter, sizes) => {
    const property = (name: string, type: 'Edm.String' | 'Edm.Int32' | 'Edm.Date' | 'Edm.Decimal') => ({
      name,
      type,
      nullable: true,
      scale: null,
      blank: null,
    })
    const properties = new Map([
      ['name', property('name', 'Edm.String')],
      ['size', property('size', 'Edm.Int32')],
      ['born', property('born', 'Edm.Date')],
      ['limit', property('creditLimit', 'Edm.Decimal')],
    ])
    const question = toServerFilter(filter, properties, dataverseDialect)
    const text = question.kind === 'expression' ? question.text : ''
    expect(text).not.toBe('')
    const { rows } = await readAll(withQuery('Accounts', { filter: text, orderBy: ['size'] }))
    expect(rows.map(({ size }) => size)).toEqual(sizes)
  })

  it('checks versions: none is refused, an old one does not fit, the current one does', async () => {
    const row = bodyOf(await send({ method: 'GET', path: path(1) }))
    const version = etagOf(row) ?? ''
    const change = (ifMatch?: string) =>
      send({
        method: 'PATCH',
        path: path(1),
        body: { size: 100 },
        ...(ifMatch === undefined ? {} : { ifMatch }),
      })
    expect(await change()).toMatchObject({ ok: false, failure: { status: 428 } })
    const changed = bodyOf(await change(version))
    expect(etagOf(changed)).not.toBe(version)
    expect(await change(version)).toMatchObject({ ok: false, failure: { status: 412 } })
    expect(bodyOf(await send({ method: 'GET', path: path(1) }))).toMatchObject({ size: 100 })
    const gone = await send({ method: 'DELETE', path: path(8), ifMatch: '*' })
    expect(gone).toMatchObject({ ok: true, status: 204, body: null })
    expect(await send({ method: 'GET', path: path(8) })).toMatchObject({
      ok: false,
      failure: { status: 404 },
    })
  })

  const insert = (
    id: string,
    number: number,
    group: string | null,
    name: string | null = 'new',
  ): BatchRequest => ({
    id,
    method: 'POST',
    path: 'Accounts',
    headers: {},
    body: { ID: idOf(number), name, size: number },
    group,
  })
  const read = (id: string, number: number): BatchRequest => ({
    id,
    method: 'GET',
    path: path(number),
    headers: {},
    body: null,
    group: null,
  })

  it.each(['multipart', 'json'] as const)('carries out a batch: %s', async (format) => {
    const base = format === 'json' ? 100 : 200
    const answer = await opened.client.batch(
      [
        insert('1', base + 1, 'whole'),
        insert('2', base + 2, 'whole'),
        read('3', base + 1),
        insert('4', base + 4, 'broken'),
        insert('5', base + 5, 'broken', null),
        read('6', base + 4),
        read('7', base + 2),
      ],
      { ...context(), format, partAddresses: 'of-service', prefer: { continueOnError: true } },
    )
    if (!answer.ok) throw new Error(JSON.stringify(answer))
    expect(Object.fromEntries([...answer.results].map(([id, { kind }]) => [id, kind]))).toEqual({
      '1': 'done',
      '2': 'done',
      '3': 'done',
      // The service runs both at the same time, so either may be the one it blames.
      '4': expect.stringMatching(/^(rolled-back|failed)$/),
      '5': expect.stringMatching(/^(rolled-back|failed)$/),
      '6': 'failed',
      '7': 'done',
    })
    expect(answer.results.get('3')).toMatchObject({ body: { ID: idOf(base + 1), size: base + 1 } })
    expect(answer.results.get('6')).toMatchObject({ failure: { status: 404 } })
    // Its answer to the fourth may have said 201.
    expect(await send({ method: 'GET', path: path(base + 4) })).toMatchObject({
      ok: false,
      failure: { status: 404 },
    })
  })

  it('tells what it does not know', async () => {
    await expect(opened.client.page("Nothing?$filter=name eq 'secret'", context())).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringMatching(/^Connection crm: cannot read Nothing, .*status 404/),
    })
  })
})
