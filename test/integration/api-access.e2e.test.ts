import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

describe.each(queueKinds)('with the queue on %s', (queue) => {
  let couplet: Installation
  let api: Api

  beforeAll(async () => {
    couplet = await createInstallation({ queue, systemsSql: twoTablesSql, env: { COUPLET_PORT: '0' } })
    await couplet.import(customerMapping)
    api = await startApi(couplet.context)
  })
  afterAll(async () => {
    await api.close()
    await couplet.close()
  })

  const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  const isPaused = () => couplet.context.backend.queues['couplet-lines'].isPaused()

  it.each([
    '/api/v1/runs',
    '/api/v1/runs/1',
    '/api/v1/runs/1/outcomes',
    '/api/v1/issues',
    '/queues/',
    '/queues/api/queues',
  ])('%s is closed without a valid key', async (path) => {
    const wrong = `cpl_${'x'.repeat(43)}`
    for (const authorization of [
      '',
      `Bearer ${wrong}`,
      basic(wrong),
      `Digest ${api.key}`,
      'Basic',
      'Bearer ',
    ]) {
      const answer = await api.send(path, { headers: { authorization } })
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({
        code: 'API_KEY_INVALID',
        remedy: expect.stringContaining('Bearer'),
      })
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
    }
  })

  it('what changes something is closed without a key as well', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    for (const [path, body] of [
      ['/api/v1/runs', '{"kind":"full"}'],
      ['/api/v1/runs/1/retry', '{"what":"lines"}'],
      ['/api/v1/runs/1/answer', '{"answer":"yes"}'],
    ] as const)
      expect((await api.send(path, { ...init, body })).status).toBe(401)
    expect((await api.send('/queues/api/queues/pause', { method: 'PUT' })).status).toBe(401)
    expect((await api.get('/api/v1/runs')).body.runs).toEqual([])
    expect(await isPaused()).toBe(false)
  })

  it('the key opens as Bearer and as password of a browser', async () => {
    expect((await api.get('/api/v1/runs')).status).toBe(200)
    expect((await api.send('/api/v1/runs', { headers: { authorization: basic(api.key) } })).status).toBe(200)
  })

  it('the board shows the raw queues, with everything the page loads', async () => {
    const page = await api.get('/queues/')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    const base = /<base href="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const files = [...page.text.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/g)].map(
      ([, file]) => file,
    )
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect((await api.get(`${base}${file}`)).status).toBe(200)
    const { body } = await api.get(
      '/queues/api/queues?activeQueue=couplet-lines&status=latest&page=1&jobsPerPage=10',
    )
    const names = body.queues.map((each: { name: string }) => each.name).sort()
    expect(names).toEqual(['couplet-lines', 'couplet-runs', 'couplet-schedules'])
    expect((await api.get('/queues')).status).toBe(200)
  })

  it('the board works from its own page and for programs, and not for other sites', async () => {
    const authorization = basic(api.key)
    const pause = '/queues/api/queues/couplet-lines/pause'
    const own = new URL(api.url).host
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://${own}.evil.example` },
      { 'sec-fetch-site': 'cross-site', origin: `http://${own}` },
    ]
    const put = (headers: Record<string, string>) =>
      sendRaw('PUT', `${api.url}${pause}`, { authorization, ...headers })
    for (const headers of foreign) {
      expect(await put(headers)).toBe(403)
      expect(await isPaused()).toBe(false)
    }
    expect(await put({ 'sec-fetch-site': 'same-origin', origin: `http://${own}` })).toBe(200)
    expect(await isPaused()).toBe(true)
    expect(await sendRaw('PUT', `${api.url}/queues/api/queues/couplet-lines/resume`, { authorization })).toBe(
      200,
    )
    expect(await isPaused()).toBe(false)
  })

  it('another site cannot start a run either', async () => {
    const headers = { authorization: basic(api.key), 'content-type': 'application/json' }
    expect(
      await sendRaw('POST', `${api.url}/api/v1/runs`, { ...headers, 'sec-fetch-site': 'cross-site' }),
    ).toBe(403)
    expect(
      await sendRaw('POST', `${api.url}/api/v1/runs`, { ...headers, origin: 'https://evil.example' }),
    ).toBe(403)
  })

  it('the first page says what this is, without a key', async () => {
    const page = await api.send('/', {})
    expect(page.status).toBe(200)
    for (const link of ['/queues/', '/api/v1/runs', '/readyz']) expect(page.text).toContain(`href="${link}"`)
  })
})

/** fetch does not let a program set Sec-Fetch-Site and Origin. */
function sendRaw(method: string, url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject).end()
  })
}
