import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, problemOf, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api

beforeAll(async () => {
  couplet = await createInstallation({
    systemsSql: `${twoTablesSql} ${insertCustomers(20)}; ALTER TABLE crm.account ADD CHECK (name <> 'Customer 7')`,
    env: { COUPLET_PORT: '0' },
  })
  await couplet.import({ ...customerMapping, onlyCoupled: true })
  await couplet.work()
  api = await startApi(couplet.context)
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

const ended = async (runId: number) => (await couplet.ended(runId)).run

describe('POST /runs', () => {
  it('starts a full synchronization, says where it can be followed, and GET shows all of it', async () => {
    const asked = await api.post('/api/v1/runs', { kind: 'full', reason: 'First time' })
    expect(asked.status).toBe(202)
    const { run, created } = asked.body
    expect(created).toBe(true)
    expect(run).toMatchObject({ kind: 'full', requestedBy: 'api/first-start', reason: 'First time' })
    expect(asked.headers.get('location')).toBe(`/api/v1/runs/${run.id}`)
    await ended(run.id)
    const { status, body } = await api.get(`/api/v1/runs/${run.id}`)
    expect(status).toBe(200)
    expect(body.run).toMatchObject({ id: run.id, state: 'succeeded-with-failures' })
    expect(body.lines).toMatchObject([{ mappingName: 'CUSTOMER', state: 'finished' }])
    expect(body.jobs.map((job: { direction: string }) => job.direction)).toEqual(['to', 'from'])
    expect(body.counters).toMatchObject({ inserted: 19, failed: 1 })
    expect(body.question).toMatchObject({ state: 'open', mappings: ['CUSTOMER'] })
  })

  it('tells per record what happened, and what is still wrong', async () => {
    const [full] = (await api.get('/api/v1/runs?kind=full')).body.runs
    const { body } = await api.get(`/api/v1/runs/${full.id}/outcomes?limit=500`)
    expect(body.outcomes).toHaveLength(20)
    expect(body.outcomes.filter((outcome: { kind: string }) => outcome.kind === 'failed')).toHaveLength(1)
    expect(body.next).toBeNull()
    const issues = await api.get('/api/v1/issues?mapping=CUSTOMER&kind=failed')
    expect(issues.body.issues).toMatchObject([{ code: 'VALUE_REFUSED', mappingName: 'CUSTOMER' }])
    const [{ lastAt }] = issues.body.issues
    const at = encodeURIComponent(lastAt)
    expect((await api.get(`/api/v1/issues?since=${at}`)).body.issues).toHaveLength(1)
    expect((await api.get(`/api/v1/issues?until=${at}`)).body.issues).toEqual([])
    expect((await api.get('/api/v1/issues?field=none')).body.issues).toEqual([])
    expect((await api.get('/api/v1/issues?since=yesterday')).status).toBe(400)
  })

  it('retries the failed records in a run of their own, once the cause is gone', async () => {
    const [full] = (await api.get('/api/v1/runs?kind=full')).body.runs
    await couplet.systems.query(`UPDATE nav.customer SET name = 'Customer seven' WHERE no = 'C7'`)
    const retried = await api.post(`/api/v1/runs/${full.id}/retry`, { what: 'records' })
    expect(retried.status).toBe(202)
    expect(retried.body.run).toMatchObject({ kind: 'records', requestedBy: 'api/first-start' })
    expect(retried.headers.get('location')).toBe(`/api/v1/runs/${retried.body.run.id}`)
    expect((await ended(retried.body.run.id)).state).toBe('succeeded')
    expect((await api.get('/api/v1/issues')).body.issues).toEqual([])
    const nothing = await api.post(`/api/v1/runs/${full.id}/retry`, { what: 'lines' })
    expect(nothing.status).toBe(409)
    expect(nothing.body.code).toBe('NOTHING_TO_RETRY')
  })

  it('P12: answers the question of a full synchronization once', async () => {
    const [full] = (await api.get('/api/v1/runs?kind=full')).body.runs
    const answered = await api.post(`/api/v1/runs/${full.id}/answer`, { answer: 'yes' })
    expect(answered.status).toBe(200)
    expect(answered.body.question).toMatchObject({
      state: 'answered',
      answer: 'yes',
      results: [{ name: 'CUSTOMER', result: 'changed' }],
    })
    const again = await api.post(`/api/v1/runs/${full.id}/answer`, { answer: 'no' })
    expect(again.status).toBe(409)
    expect(again.body.code).toBe('QUESTION_NOT_OPEN')
  })

  it.each([
    { kind: 'modified' },
    { kind: 'mapping', mapping: 'CUSTOMER' },
    { kind: 'records', mapping: 'CUSTOMER', keys: ['C1', 'C2'] },
  ])('runs $kind', async (body) => {
    const asked = await api.post('/api/v1/runs', { pair: 'test', ...body })
    expect(asked.status).toBe(202)
    expect(await ended(asked.body.run.id)).toMatchObject({ kind: body.kind, state: 'succeeded' })
  })

  it('many single records asked for at once become few runs, and all of them are done', async () => {
    await couplet.systems.query(`UPDATE nav.customer SET name = 'Renamed ' || no WHERE no <> 'C7'`)
    const numbers = Array.from({ length: 20 }, (_, index) => `C${index + 1}`).filter((each) => each !== 'C7')
    const answers = await Promise.all(
      [...numbers, ...numbers].map((key) =>
        api.post('/api/v1/runs', { kind: 'records', mapping: 'CUSTOMER', keys: [key], deduplicate: true }),
      ),
    )
    expect(answers.every(({ status, body }) => status === (body.created ? 202 : 200))).toBe(true)
    const runs = [...new Set(answers.map(({ body }) => body.run.id as number))]
    expect(runs.length).toBeLessThan(answers.length)
    for (const id of runs) expect((await ended(id)).state).toBe('succeeded')
    const { rows } = await couplet.systems.query(`SELECT FROM crm.account WHERE name LIKE 'Renamed C%'`)
    expect(rows).toHaveLength(numbers.length)
    const preview = { kind: 'modified', dryRun: true, deduplicate: true }
    expect((await api.post('/api/v1/runs', preview)).body.problems).toMatchObject([{ field: 'deduplicate' }])
  })

  it('P11: the same idempotency key is one run, also when asked at the same moment, and refuses another request', async () => {
    const headers = { 'idempotency-key': 'order-4711' }
    const body = { kind: 'records', mapping: 'CUSTOMER', keys: ['C3'] }
    const answers = await Promise.all([1, 2, 3].map(() => api.post('/api/v1/runs', body, headers)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 202])
    expect(new Set(answers.map((answer) => answer.body.run.id)).size).toBe(1)
    const [first] = answers
    const same = await api.post('/api/v1/runs', { pair: 'test', createMissing: false, ...body }, headers)
    expect(same.status).toBe(200)
    expect(same.body.run.id).toBe(first?.body.run.id)
    const other = await api.post('/api/v1/runs', { ...body, keys: ['C4'] }, headers)
    expect(other.status).toBe(409)
    expect(other.body).toMatchObject({ code: 'RUN_KEY_REUSED', status: 409 })
    expect(other.body.detail).toContain(`run ${first?.body.run.id}`)
    expect(other.body.remedy).toBeTruthy()
  })

  it('names what does not exist: pair, mapping, record', async () => {
    const answers = [
      await api.post('/api/v1/runs', { kind: 'modified', pair: 'nope' }),
      await api.post('/api/v1/runs', { kind: 'mapping', mapping: 'NOPE' }),
      await api.post('/api/v1/runs', { kind: 'records', mapping: 'CUSTOMER', keys: ['C1', 'C999'] }),
    ]
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'CONNECTION_UNKNOWN'],
      [404, 'MAPPING_UNKNOWN'],
      [404, 'RECORD_NOT_FOUND'],
    ])
    expect(answers[2]?.body.detail).toContain('C999')
  })
})

describe('a request that is wrong', () => {
  const newestRun = async () => (await api.get('/api/v1/runs?limit=1')).body.runs[0].id

  it('is refused with each wrong field, its value, the reason and the remedy, and starts nothing', async () => {
    const newest = await newestRun()
    const answer = await api.post('/api/v1/runs', {
      kind: 'records',
      mapping: 7,
      keys: ['C1', '', 'a\0b'],
      colour: 'blue',
    })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body).toMatchObject({ code: 'REQUEST_INVALID', kind: 'config', status: 400 })
    expect(problemOf(answer, 'mapping')).toEqual({
      field: 'mapping',
      value: '7',
      reason: 'expected string, received number',
      remedy: 'Correct the value.',
    })
    expect(problemOf(answer, 'keys.1')?.reason).toBe('expected some text')
    expect(problemOf(answer, 'keys.2')?.reason).toBe(
      'expected text without NUL characters and halves of characters',
    )
    expect(problemOf(answer, 'colour')).toEqual({
      field: 'colour',
      value: 'blue',
      reason: 'there is no such field',
      remedy: 'Remove it.',
    })
    expect(await newestRun()).toBe(newest)
  })

  it.each([
    [
      { kind: 'everything' },
      'kind',
      'everything',
      'expected one of full, modified, mapping, records, couple, uncouple, deletions',
    ],
    [{ kind: 'mapping' }, 'mapping', null, 'missing: expected string'],
    [{ kind: 'records', mapping: 'CUSTOMER', keys: [] }, 'keys', '[]', 'expected at least one key'],
    [{ kind: 'full', keepCreating: 'maybe' }, 'keepCreating', 'maybe', 'expected one of "yes"|"no"|"ask"'],
    [[], '(whole)', '[]', 'expected object, received array'],
  ])('%j: names %s', async (body, field, value, reason) => {
    const answer = await api.post('/api/v1/runs', body)
    expect(answer.status).toBe(400)
    expect(problemOf(answer, field)).toMatchObject({ value, reason })
  })

  it('names wrong query parameters, addresses and headers the same way', async () => {
    expect(problemOf(await api.get('/api/v1/runs?limit=0'), 'limit')).toMatchObject({ value: '0' })
    expect(problemOf(await api.get('/api/v1/runs?kind=ful'), 'kind')).toMatchObject({ value: 'ful' })
    expect(problemOf(await api.get('/api/v1/runs?befor=5'), 'befor')?.remedy).toBe('Remove it.')
    expect(problemOf(await api.get('/api/v1/runs/first'), 'id')).toMatchObject({ value: 'first' })
    const answer = await api.post('/api/v1/runs', { kind: 'modified' }, { 'idempotency-key': 'two words' })
    expect(problemOf(answer, 'idempotency-key')).toMatchObject({ value: 'two words' })
  })

  it('is refused when it is no JSON, empty, of another type or too large', async () => {
    const headers = { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' }
    const post = (body: string, type = 'application/json') =>
      api.send('/api/v1/runs', { method: 'POST', headers: { ...headers, 'content-type': type }, body })
    const answers = [
      await post('{"kind":'),
      await post(''),
      await post('kind=full', 'application/x-www-form-urlencoded'),
      await post('{"kind":"full"}', 'text/plain'),
      await post(JSON.stringify({ kind: 'full', reason: 'x'.repeat(1_100_000) })),
    ]
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [400, 'REQUEST_INVALID'],
      [400, 'REQUEST_INVALID'],
      [415, 'REQUEST_INVALID'],
      [415, 'REQUEST_INVALID'],
      [413, 'REQUEST_TOO_LARGE'],
    ])
    expect(answers[4]?.body.detail).toContain('1048576 bytes')
  })

  it('is told when run or address do not exist', async () => {
    for (const path of ['/api/v1/runs/999999', '/api/v1/runs/999999/outcomes']) {
      const answer = await api.get(path)
      expect(answer.status).toBe(404)
      expect(answer.body).toMatchObject({ code: 'RUN_UNKNOWN', remedy: expect.stringContaining('runs') })
    }
    for (const [path, body] of [
      ['/api/v1/runs/999999/answer', { answer: 'no' }],
      ['/api/v1/runs/999999/retry', { what: 'records' }],
      ['/api/v1/runs/999999/retry', { what: 'lines' }],
    ] as const)
      expect((await api.post(path, body)).body.code).toBe('RUN_UNKNOWN')
    expect((await api.get('/nothing')).body).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN' })
  })
})

it('lists runs page by page, newest first, each once', async () => {
  const all = (await api.get('/api/v1/runs?limit=500')).body.runs.map((run: { id: number }) => run.id)
  const paged: number[] = []
  let next: number | null = null
  do {
    const page: { body: { runs: { id: number }[]; next: number | null } } = await api.get(
      `/api/v1/runs?limit=2${next === null ? '' : `&before=${next}`}`,
    )
    paged.push(...page.body.runs.map((run) => run.id))
    next = page.body.next
  } while (next !== null)
  expect(all.length).toBeGreaterThan(4)
  expect(paged).toEqual(all)
  expect(all).toEqual([...all].sort((a, b) => b - a))
})
