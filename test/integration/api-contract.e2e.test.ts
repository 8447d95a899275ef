import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wantedEvents } from '../../src/core/webhooks/event.ts'
import { addSchedule } from '../../src/usecases/schedules/change-schedule.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
let runId = 0
let operationId = 0
let document: Document

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>
  >
}
interface Document extends Record<string, unknown> {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
  readonly webhooks: Readonly<
    Record<string, { post: { requestBody: { content: { 'application/json': { schema: object } } } } }>
  >
}

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(3)}; ALTER TABLE crm.account ADD CHECK (name <> 'Customer 2')`,
    env: { COUPLET_PORT: '0', COUPLET_SECRET_KEY: `test:${Buffer.alloc(32, 1).toString('base64')}` },
  })
  await couplet.import(customerMapping)
  await couplet.work()
  api = await startApi(couplet.context)
  document = (await api.get('/api/v1/openapi.json')).body
  const headers = { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ url: 'http://127.0.0.1:9/', events: wantedEvents })
  await api.send('/api/v1/webhooks/CUSTOMER', { method: 'PUT', headers, body })
  runId = (await couplet.run('full')).run.id
  const ids = [(await api.get('/api/v1/issues')).body.issues[0].id]
  operationId = (await api.post('/api/v1/operations', { kind: 'unskip', issues: { ids } })).body.operation.id
  const operation = () => api.get(`/api/v1/operations/${operationId}`)
  await waitFor('the operation', async () => (await operation()).body.operation.state === 'finished')
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

/** The schema an answer has to pass, with the components it refers to. */
function schemaOf(path: string, method: string, status: string, type = 'application/json'): object {
  const schema = document.paths[path]?.[method]?.responses[status]?.content[type]?.schema
  if (schema === undefined) throw new Error(`Nothing is said about ${method} ${path} → ${status} ${type}`)
  return { ...schema, components: document.components }
}

function problems(schema: object, body: unknown): unknown {
  const check = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
  return check(body) ? [] : check.errors
}

describe('GET /api/v1/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    expect(document.openapi).toBe('3.1.0')
    expect(await new Validator().validate(document)).toEqual({ valid: true })
  })

  it('describes every address with a name of its own, its answer and its errors', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    expect(operations.length).toBeGreaterThan(15)
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { summary, responses } of operations) {
      expect(summary).toBeTruthy()
      expect(Object.keys(responses['default']?.content ?? {})).toEqual(['application/problem+json'])
      expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true)
    }
  })
})

describe('answers hold to the document', () => {
  const queries: Readonly<Record<string, string>> = {
    '/api/v1/outcomes': '?mapping=CUSTOMER',
    '/api/v1/couplings': '?mapping=CUSTOMER&limit=2',
    '/api/v1/records/history': '?mapping=CUSTOMER&key=C1',
    '/api/v1/records/why': '?mapping=CUSTOMER&key=C2',
  }

  it('all that is read', async () => {
    const issue = (await api.get('/api/v1/issues')).body.issues[0].id
    const delivery = (await api.get('/api/v1/webhook-deliveries')).body.deliveries[0].id
    const reads = Object.entries(document.paths).filter(([, path]) => 'get' in path)
    for (const [path] of reads.filter(([path]) => !/held-deletions|events$/.test(path))) {
      const ids: Readonly<Record<string, number>> = {
        issues: issue,
        operations: operationId,
        'webhook-deliveries': delivery,
      }
      const id = String(ids[path.split('/')[3] ?? ''] ?? runId)
      const name = path.includes('/connections/') ? 'test-local' : 'CUSTOMER'
      const address = path
        .replace('{id}', id)
        .replace('{name}', name)
        .replace('{table}', 'customer')
        .replace('{version}', '1')
      const answer = await api.get(`${address}${queries[path] ?? ''}`)
      expect([path, answer.status, answer.text]).toEqual([path, 200, expect.anything()])
      expect([path, problems(schemaOf(path, 'get', '200'), answer.body)]).toEqual([path, []])
    }
  })

  it('says something about everything: no list of this installation is empty', async () => {
    const read = async (path: string) => (await api.get(`/api/v1/${path}`)).body
    expect((await read('couplings?mapping=CUSTOMER')).couplings).toMatchObject([
      { local: { reference: 'C1' }, lastTo: { result: expect.any(String) } },
      { local: { reference: 'C3' } },
    ])
    expect((await read('couplings?mapping=CUSTOMER&local=C3')).couplings).toHaveLength(1)
    expect((await read('couplings?mapping=CUSTOMER&after=nowhere')).code).toBe('REQUEST_INVALID')
    expect((await read('outcomes?mapping=CUSTOMER&kind=failed')).outcomes).toHaveLength(1)
    expect((await read('jobs?state=succeeded-with-failures')).jobs).not.toEqual([])
    expect((await read(`jobs?run=${runId}&pair=test`)).jobs).toHaveLength(2)
    expect((await read('jobs?run=999999')).jobs).toEqual([])
    expect((await read('outcomes?kind=failed')).outcomes).toHaveLength(1)
    expect((await read('outcomes?pair=nowhere')).code).toBe('CONNECTION_UNKNOWN')
    expect((await read('issues/count')).counts).toMatchObject([{ mapping: 'CUSTOMER', issues: 1 }])
    expect(await read('records/why?mapping=CUSTOMER&key=C2')).toMatchObject({
      isInStep: false,
      decides: { check: 'issue' },
    })
    expect((await read('records/history?mapping=CUSTOMER&key=C1')).outcomes).not.toEqual([])
    expect((await read('mappings/CUSTOMER')).mapping.definition).toMatchObject({ name: 'CUSTOMER' })
    expect((await read('pairs')).pairs).toMatchObject([{ name: 'test', local: { company: '' } }])
    expect((await read('connections')).connections).toHaveLength(2)
  })

  it('what is paused and resumed shows at once, and in the audit log', async () => {
    const { id: pairId } = couplet.pair
    const act = { by: 'test', reason: null }
    await addSchedule({ pairId, name: 'nightly' }, { cron: '0 2 * * *' }, act, couplet.context.deps)
    expect((await api.post('/api/v1/schedules/nightly/pause', {})).status).toBe(400)
    const paused = await api.post('/api/v1/schedules/nightly/pause', { reason: 'Month end' })
    expect([paused.status, paused.body]).toEqual([200, { changed: true }])
    const { schedules } = (await api.get('/api/v1/schedules')).body
    expect(schedules).toMatchObject([{ name: 'nightly', state: 'paused', nextSlots: [] }])
    expect((await api.post('/api/v1/schedules/nightly/resume', {})).body).toEqual({ changed: true })
    expect((await api.get('/api/v1/schedules')).body.schedules[0].nextSlots).toHaveLength(5)
    expect((await api.post('/api/v1/schedules/none/run', {})).status).toBe(404)

    const mapping = { scope: 'mapping', mapping: 'CUSTOMER' }
    const pause = await api.post('/api/v1/pauses', { ...mapping, reason: 'Clean-up' })
    expect([pause.status, problems(schemaOf('/api/v1/pauses', 'post', '201'), pause.body)]).toEqual([201, []])
    expect((await api.get('/api/v1/pauses')).body.pauses).toMatchObject([
      { scope: 'mapping', name: 'CUSTOMER', by: 'api/first-start', reason: 'Clean-up', until: null },
    ])
    expect((await api.post('/api/v1/pauses/resume', mapping)).body).toEqual({ resumed: true })
    expect((await api.post('/api/v1/pauses/resume', mapping)).body.code).toBe('NOT_PAUSED')
    const { entries, next } = (await api.get('/api/v1/audit?actor=api/first-start&limit=2')).body
    expect(entries.map(({ reason }: { reason: string }) => reason)).toEqual([null, 'Clean-up'])
    expect((await api.get(`/api/v1/audit?actor=api/first-start&before=${next}`)).body.entries).toHaveLength(5)
  })

  it('what is sent to webhooks as well', async () => {
    expect(Object.keys(document.webhooks).sort()).toEqual([...wantedEvents, 'webhook.test'].sort())
    const { deliveries } = (await api.get('/api/v1/webhook-deliveries')).body
    expect(deliveries.map(({ type }: { type: string }) => type).sort()).toEqual([
      'issue.opened',
      'run.finished',
    ])
    for (const { id, type } of deliveries) {
      const sent = JSON.parse((await api.get(`/api/v1/webhook-deliveries/${id}`)).body.body)
      const schema = document.webhooks[type]?.post.requestBody.content['application/json'].schema ?? {}
      expect([type, problems(schema, sent)]).toEqual([type, []])
      expect(problems(schema, { ...sent, type: 'another' })).not.toEqual([])
    }
  })

  it('errors as well', async () => {
    const answer = await api.get('/api/v1/runs/999999')
    const schema = schemaOf('/api/v1/runs/{id}', 'get', 'default', 'application/problem+json')
    expect([answer.status, problems(schema, answer.body)]).toEqual([404, []])
  })
})
