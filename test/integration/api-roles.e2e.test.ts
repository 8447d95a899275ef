import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashKey, newKey } from '../../src/api/api-key.ts'
import { createServer } from '../../src/api/server.ts'
import type { GuardedRoute, Server } from '../../src/api/server-type.ts'
import { everything, type KeyScope } from '../../src/core/access/api-key.ts'
import { type Role, roles } from '../../src/core/access/role.ts'
import { type Api, startApi } from '../support/api.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { writtenRole, writtenRoutes } from '../support/route-roles.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let api: Api
beforeAll(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql, env: { COUPLET_PORT: '0' } })
  await couplet.import(customerMapping)
  api = await startApi(couplet.context)
})
afterAll(async () => {
  await api.close()
  await couplet.close()
})

let keys = 0
async function givenKey(role: Role, more: Partial<KeyScope & { expiresAt: string }> = {}): Promise<string> {
  const key = newKey()
  const stored = { name: `k${++keys}`, hash: hashKey(key), role, expiresAt: null, ...everything, ...more }
  await couplet.context.deps.stores.access.createApiKey(stored, { actor: 'test' })
  return key
}

describe('every route of the server', () => {
  let server: Server
  let routes: readonly GuardedRoute[]
  let keyOf: ReadonlyMap<Role, string>
  beforeAll(async () => {
    server = createServer(couplet.context)
    // Whoever is let in gets no further: what the routes do is not what is tried here.
    server.addHook('preValidation', async (_request, reply) => reply.code(299).send())
    await server.ready()
    routes = server.guardedRoutes()
    keyOf = new Map(await Promise.all(roles.map(async (role) => [role, await givenKey(role)] as const)))
  })
  afterAll(() => server.close())

  const ask = async ({ method, url }: GuardedRoute, key: string | null) => {
    const answer = await server.inject({
      method: method as 'GET',
      url: url.replace(/:\w+/g, '1').replace('*', 'x'),
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
    })
    return answer.statusCode
  }

  it('asks for what the table says', () => {
    const said = ({ role, isScoped }: GuardedRoute) => `${role}${isScoped ? ', scoped' : ''}`
    const what = ({ method, url }: GuardedRoute) => `${method} ${url}`
    expect(routes.map((route) => [what(route), said(route)])).toEqual(
      routes.map((route) => [what(route), writtenRole(route)]),
    )
    expect(writtenRoutes.filter((route) => !routes.some((each) => what(each) === route))).toEqual([])
  })

  it('lets in those who have its role or a higher one, and nobody else', async () => {
    expect(routes.length).toBeGreaterThan(20)
    for (const route of routes) {
      const answers = { nobody: await ask(route, null), stranger: await ask(route, newKey()) }
      const byRole = await Promise.all(roles.map((role) => ask(route, keyOf.get(role) ?? '')))
      const lowest = route.role === 'anyone' ? 0 : roles.indexOf(route.role ?? 'administer')
      const what = `${route.method} ${route.url}`
      const closed = route.role === 'anyone' ? 299 : 401
      expect({ what, ...answers }).toEqual({ what, nobody: closed, stranger: closed })
      expect({ what, byRole }).toEqual({ what, byRole: roles.map((_, at) => (at < lowest ? 403 : 299)) })
    }
  })

  it('is closed for a key of some mappings unless it looks at them', async () => {
    const key = await givenKey('administer', { mappings: ['CUSTOMER'] })
    for (const route of routes) {
      if (route.role === 'anyone') continue
      const what = `${route.method} ${route.url}`
      const isOpen = writtenRole(route)?.endsWith('scoped')
      expect({ what, status: await ask(route, key) }).toEqual({ what, status: isOpen ? 299 : 403 })
    }
  })

  it('keeps the server from starting when it does not say which role it needs', async () => {
    const careless = createServer(couplet.context)
    careless.get('/forgotten', async () => 'open')
    await expect(careless.ready()).rejects.toThrow('GET /forgotten')
    await careless.close()
  })
})

describe('an API key', () => {
  const get = (path: string, key: string) => api.send(path, { headers: { authorization: `Bearer ${key}` } })
  const post = (path: string, body: object, key: string) =>
    api.post(path, body, { authorization: `Bearer ${key}` })

  it('opens until it is revoked or its time is over, and says which', async () => {
    const expired = await givenKey('view', { expiresAt: '2020-01-01T00:00:00Z' })
    expect(await get('/api/v1/runs', expired)).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('expired') },
    })
    const key = await givenKey('view', { expiresAt: '2999-01-01T00:00:00Z' })
    expect((await get('/api/v1/runs', key)).status).toBe(200)
    const access = couplet.context.deps.stores.access
    const { name, lastUsedAt } = (await access.findApiKey(hashKey(key))) ?? {}
    expect(lastUsedAt).toMatch(/^20/)
    await access.revokeApiKey(name ?? '', { actor: 'test' })
    expect(await get('/api/v1/runs', key)).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('revoked') },
    })
  })

  it('of a lower role is told which one is needed', async () => {
    const answer = await post('/api/v1/runs', { kind: 'full' }, await givenKey('view'))
    expect(answer).toMatchObject({ status: 403, body: { code: 'ROLE_MISSING' } })
    expect(answer.body.detail).toContain("'operate'")
  })

  it('of some mappings starts and sees work on them only', async () => {
    const key = await givenKey('operate', { pairs: ['test'], mappings: ['CUSTOMER'] })
    const other = await givenKey('operate', { mappings: ['ITEM'] })
    const run = { kind: 'mapping', mapping: 'CUSTOMER' }
    expect(await post('/api/v1/runs', run, other)).toMatchObject({
      status: 403,
      body: { code: 'SCOPE_MISSING' },
    })
    expect((await post('/api/v1/runs', { kind: 'full' }, key)).status).toBe(403)
    const started = await post('/api/v1/runs', run, key)
    expect(started.status).toBe(202)
    const path = `/api/v1/runs/${started.body.run.id}`
    expect([(await get(path, key)).status, (await get(path, other)).status]).toEqual([200, 403])
    expect((await get(`${path}/outcomes`, other)).status).toBe(403)
    expect((await get('/api/v1/issues?pair=test&mapping=CUSTOMER', key)).status).toBe(200)
    expect((await get('/api/v1/issues', key)).status).toBe(403)
    for (const list of ['runs', 'schedules', 'runs?mapping=ITEM', 'schedules?mapping=ITEM'])
      expect((await get(`/api/v1/${list}`, key)).status).toBe(403)

    const item = { ...customerMapping, name: 'ITEM', position: 2 }
    await couplet.import(item)
    const full = await post('/api/v1/runs', { kind: 'full' }, await givenKey('operate'))
    const idsOf = async (query: string, by: string) =>
      (await get(`/api/v1/runs?${query}`, by)).body.runs.map(({ id }: { id: number }) => id)
    expect(await idsOf('mapping=CUSTOMER', key)).toEqual([started.body.run.id])
    const ofAll = await givenKey('view', { pairs: ['test'] })
    expect(await idsOf('pair=test&mapping=CUSTOMER', ofAll)).toEqual([full.body.run.id, started.body.run.id])
    expect((await get('/api/v1/runs', ofAll)).status).toBe(403)
    await post(`/api/v1/runs/${full.body.run.id}/cancel`, {}, await givenKey('operate'))
    await couplet.import({ ...item, enabled: false })
  })
})

describe('a field that is marked sensitive', () => {
  it('hides its values from those who may only view, in everything they read', async () => {
    const { fields, ...rest } = customerMapping
    const marked = fields.map((field) => ({ ...field, sensitive: field.local === 'name' }))
    await couplet.systems.query(insertCustomers(3))
    await couplet.import({ ...rest, fields: marked })
    await couplet.work()
    const { run } = await couplet.run('full')
    const [viewer, worker] = [await givenKey('view'), await givenKey('operate')]
    const read = async (path: string, key: string) =>
      (await api.send(`/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } })).text
    for (const path of [
      `/runs/${run.id}/outcomes`,
      '/outcomes?mapping=CUSTOMER',
      '/records/history?mapping=CUSTOMER&key=C1',
    ]) {
      expect(await read(path, worker)).toContain('text:Customer 1')
      const seen = await read(path, viewer)
      expect(seen).not.toContain('Customer 1')
      expect(seen).toContain('hidden:')
    }
    // The field leaves the mapping; what was written of it stays hidden.
    await couplet.import({ ...rest, fields: marked.filter(({ sensitive }) => !sensitive) })
    expect(await read('/outcomes?mapping=CUSTOMER', viewer)).not.toContain('Customer 1')
    expect(await read('/outcomes?mapping=CUSTOMER', worker)).toContain('Customer 1')
    expect(await read('/records/why?mapping=CUSTOMER&key=C1', viewer)).toContain('ROLE_MISSING')
    expect(await read('/records/why?mapping=CUSTOMER&key=C1', worker)).not.toContain('ROLE_MISSING')
  })
})
