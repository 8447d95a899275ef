import { afterAll, beforeAll, expect, it } from 'vitest'
import { statusPart } from '../../src/app/status-part.ts'
import { type Api, startApi } from '../support/api.ts'
import { type DataversePair, openDataversePair } from '../support/dataverse-pair.ts'
import { waitFor } from '../support/servers.ts'
import { type ReceivedSpan, startTraceReceiver } from '../support/trace-receiver.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'

let receiver: Awaited<ReturnType<typeof startTraceReceiver>>
let pair: DataversePair
let api: Api
let runId: number

beforeAll(async () => {
  receiver = await startTraceReceiver()
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '100'
  const env = { COUPLET_PORT: '0', COUPLET_STATUS_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  pair = await openDataversePair({}, env)
  api = await startApi(pair.couplet.context)
  await pair.couplet.systems.query(
    `INSERT INTO nav.customer (no, name, credit) VALUES ('BAD', 'Bad', 9999999999999999.00)`,
  )
  const asked = await api.post(
    '/api/v1/runs',
    { kind: 'full' },
    { traceparent: `00-${trace}-${callersSpan}-01` },
  )
  runId = asked.body.run.id
  await pair.couplet.ended(runId)
})
afterAll(async () => {
  await api.close()
  await pair.close()
  await receiver.close()
})

const withName = (pattern: RegExp) => receiver.spans.filter(({ name }) => pattern.test(name))

/** From a span up to where its trace began. */
function pathOf(span: ReceivedSpan): string[] {
  const parent = receiver.spans.find(({ spanId }) => spanId === span.parentSpanId)
  return [span.name, ...(parent ? pathOf(parent) : [span.parentSpanId ?? ''])]
}

it('one trace leads from the caller through API and queue to each request to the business system', async () => {
  const write = await waitFor(
    'the span of the write and those above it',
    () => withName(/^(POST|PATCH) test-remote/).find((span) => pathOf(span).at(-1) === callersSpan),
    20_000,
  )
  expect(write.traceId).toBe(trace)
  const path = pathOf(write).join(' < ')
  expect(path).toMatch(/^\w+ \S+-remote < .*couplet-lines.* < .*POST \/api\/v1\/runs < b7ad6b7169203331$/)
  expect(JSON.stringify(receiver.spans)).not.toMatch(/Customer 1|accountnumber|client_secret/)
  const line = receiver.spans.find(({ attributes }) => attributes.some(({ key }) => key === 'lineId'))
  expect(line?.attributes).toContainEqual({ key: 'runId', value: { intValue: runId } })
})

it('Prometheus reads, with a key, how the whole installation and this process stand', async () => {
  expect((await api.send('/metrics', {})).status).toBe(401)
  const { status, text, headers } = await api.get('/metrics')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toContain('version=0.0.4')
  const value = (line: string): number => {
    const found = text.split('\n').find((one) => one.startsWith(line))
    if (found === undefined) throw new Error(`${line} is not among:\n${text}`)
    return Number(found.slice(found.lastIndexOf(' ')))
  }
  const labels = 'pair="test",mapping="CUSTOMER"'
  expect(value(`couplet_outcomes_total{${labels},direction="to",kind="inserted",code=""}`)).toBe(120)
  expect(value(`couplet_outcomes_total{${labels},direction="to",kind="failed"`)).toBeGreaterThan(0)
  expect(value(`couplet_issues{${labels},kind="failed"}`)).toBe(1)
  expect(value(`couplet_mapping_age_seconds{${labels},direction="to",scheduled="false"}`)).toBeLessThan(600)
  expect(value('couplet_queue_oldest_waiting_seconds{queue="couplet-lines"}')).toBeGreaterThanOrEqual(0)
  expect(value('couplet_queue_jobs{queue="couplet-lines",state="waiting"}')).toBeGreaterThanOrEqual(0)
  expect(value('couplet_budget_used_ratio{connection="test-remote"')).toBeGreaterThan(0)
  expect(value('couplet_pool_connections{state="idle"}')).toBeGreaterThan(0)
  expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
  expect(value('couplet_up{part="store"}')).toBe(1)
  expect(
    value('couplet_request_duration_seconds_count{connection="test-remote",method="POST"'),
  ).toBeGreaterThan(0)
  const { rows } = await pair.couplet.store.query(
    'SELECT (SELECT count(*) FROM couplet.outcome) = (SELECT sum(records) FROM couplet.outcome_total) AS equal',
  )
  expect(rows).toEqual([{ equal: true }])
})

it('the status port of a process answers without a key, and says when it drains', async () => {
  let url = ''
  const part = statusPart(pair.couplet.context, {
    installation: false,
    onListening: (port) => {
      url = `http://127.0.0.1:${port}`
    },
  })
  await part.start?.(new AbortController().signal)
  const status = async (path: string) => (await fetch(`${url}${path}`)).status
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('couplet_request_duration_seconds_count')
  expect(metrics).not.toContain('couplet_outcomes_total')
  expect([await status('/healthz'), await status('/readyz'), await status('/api/v1/runs')]).toEqual([
    200, 200, 404,
  ])
  await part.drain?.()
  expect([await status('/healthz'), await status('/readyz'), await status('/readyz/store')]).toEqual([
    200, 503, 503,
  ])
  await part.stop?.()
})
