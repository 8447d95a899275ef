import type { ServerResponse } from 'node:http'
import { request as send } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { type RunningDataverse, startDataverse } from '../../src/simulators/dataverse/simulator.ts'
import { addConnection } from '../../src/usecases/setup/connections.ts'
import { dumpRows } from '../support/dump.ts'
import { type SeenRequest, sendJson, startServer, type TestServer } from '../support/http/server.ts'
import { createInstallation, type Installation, importAll } from '../support/installation.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

/** With characters that addresses, forms and JSON write in other ways. */
const clientSecret = 'x9~Kd/secret+of "the" application=&%'
const databasePassword = 'p4ss-of-a-database'
const clientId = 'app-1'
const tokens = new Set<string>()

let couplet: Installation
let dataverse: RunningDataverse
/** Stands between Couplet and Dataverse, and passes on what no case is about. */
let server: TestServer
let pair: Pair
const logged: string[] = []

interface Case {
  readonly what: string
  /** Code of the error that shows that it has happened. */
  readonly code: string
  /** Method and address of the requests that are answered badly. */
  readonly hits: RegExp
  readonly times: number
  readonly reply: (request: SeenRequest, response: ServerResponse) => void
}

/** Everything a request was sent with, as servers and proxies repeat it. */
const echo = ({ headers, body, url }: SeenRequest): string =>
  `You sent ${headers.authorization} with ${clientSecret} and ${body} to ${url}`
const always = Number.POSITIVE_INFINITY
const data = / \/api\/data/

const cases: readonly Case[] = [
  {
    what: 'the service refuses the token',
    code: 'SIGN_IN_REFUSED',
    hits: data,
    times: always,
    reply: (request, response) => sendJson(response, { error: { code: '0x1', message: echo(request) } }, 401),
  },
  {
    // The one before has made the token worthless.
    what: 'the authority refuses the application',
    code: 'SIGN_IN_REFUSED',
    hits: /\/token$/,
    times: always,
    reply: (request, response) =>
      sendJson(response, { error: 'invalid_client', error_description: echo(request) }, 401),
  },
  {
    what: 'the service refuses a request',
    code: 'SERVICE_REFUSED',
    hits: data,
    times: always,
    reply: (request, response) => sendJson(response, { error: { code: '0x1', message: echo(request) } }, 400),
  },
  {
    what: 'a page for people',
    code: 'SERVICE_FAILED',
    hits: data,
    times: 1,
    reply: (request, response) => {
      response.writeHead(500, { 'content-type': 'text/html' })
      response.end(`<html>${echo(request)}</html>`)
    },
  },
  {
    what: 'an answer that breaks off',
    code: 'ANSWER_INVALID',
    hits: data,
    times: 1,
    reply: (request, response) => sendJson(response, `{"value":[{"name":${JSON.stringify(echo(request))}`),
  },
  {
    what: 'a redirect',
    code: 'REDIRECT_REFUSED',
    hits: data,
    times: always,
    reply: ({ headers }, response) => {
      const token = encodeURIComponent(String(headers.authorization))
      response.writeHead(302, {
        location: `https://ada:${databasePassword}@example.com/?access_token=${token}`,
      })
      response.end()
    },
  },
  {
    what: 'a link to another host',
    code: 'LINK_REFUSED',
    hits: /GET \/api\/data\/v9.2\/accounts/,
    times: always,
    reply: ({ headers }, response) => {
      const token = encodeURIComponent(String(headers.authorization))
      const link = `https://ada:${databasePassword}@example.com/accounts?access_token=${token}`
      sendJson(response, { value: [], '@odata.nextLink': link })
    },
  },
]
let current: Case | null = null
let left = 0

async function passOn({ method, url, headers, body }: SeenRequest, response: ServerResponse): Promise<void> {
  const answer = await send(`${dataverse.url}${url}`, {
    method: method as 'GET',
    headers: headers as Record<string, string>,
    body: body === '' ? null : body,
  })
  const text = await answer.body.text()
  if (url.endsWith('/token')) tokens.add(String(JSON.parse(text).access_token))
  response.writeHead(answer.statusCode, answer.headers as Record<string, string>)
  response.end(text)
}

beforeAll(async () => {
  dataverse = await startDataverse({
    time: { now: () => new Date(), monotonicMs: () => performance.now() },
    size: { customers: 0, vendors: 0, contacts: 0, items: 0, resources: 0 },
    applications: [{ clientId, clientSecret }],
  })
  server = await startServer((request, response) => {
    if (current === null || left === 0 || !current.hits.test(`${request.method} ${request.url}`)) {
      return passOn(request, response)
    }
    left -= 1
    current.reply(request, response)
  })
  process.env['TEST_CLIENT_SECRET'] = clientSecret
  couplet = await createInstallation({ systemsSql: twoTablesSql, onLogLine: (line) => logged.push(line) })
  const settings = {
    url: server.url.origin,
    authority: server.url.origin,
    tenant: dataverse.tenant,
    clientId,
    clientSecret: 'env:TEST_CLIENT_SECRET',
  }
  const remoteConnection = await addConnection(
    { name: couplet.pair.remoteConnection.name, kind: 'dataverse', settings },
    { by: 'test', reason: null },
    couplet.context.deps,
  )
  pair = { ...couplet.pair, remoteConnection }
  const mapping = {
    ...customerMapping,
    remote: { table: 'account', modifiedField: 'modifiedon' },
    fields: [
      { local: 'no', remote: 'accountnumber', direction: 'ToIntegrationTable' },
      { local: 'name', remote: 'name' },
      { local: 'city', remote: 'address1_city' },
    ],
  }
  await importAll(pair, [mapping], couplet.context)
  await couplet.systems.query(insertCustomers(5))
  await couplet.work()
})
afterAll(async () => {
  await couplet.close()
  await server.close()
  await dataverse.close()
})

/** What must be found nowhere: secrets as they are, and as addresses, forms, JSON, base64 and binary columns write them. */
function forbidden(): readonly string[] {
  const secrets = [clientSecret, databasePassword, ...tokens]
  return secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ])
}

/** All that was logged and stored since the last look. */
async function expectNoSecret(since: number): Promise<string> {
  const told = [...logged.slice(since), ...(await dumpRows(couplet.store))]
  const leaks = told.filter((text) => forbidden().some((secret) => text.includes(secret)))
  expect(leaks).toEqual([])
  return told.join('\n')
}

it.each(cases)('$what: $code, and no secret in any log or row', async (each) => {
  // What one case has found out about the connection is not to spare the next one its failure.
  await couplet.store.query('DELETE FROM couplet.breaker')
  const since = logged.length
  current = each
  left = each.times
  await couplet.run('full')
  current = null
  await expectNoSecret(since)
  expect(logged.slice(since).join('\n')).toContain(each.code)
  expect(tokens.size).toBeGreaterThan(0)
})

it('a record that is refused in words that repeat secrets, and a database that lets nobody in', async () => {
  const [oldest, latest] = [[...tokens][0], [...tokens].at(-1)]
  const plugIn = {
    entity: 'account',
    on: 'create',
    column: 'name',
    contains: 'Refused',
    error: `Not with ${clientSecret}, ${latest} and Bearer ${oldest}`,
  }
  await fetch(`${dataverse.url}/_admin/plug-ins`, { method: 'POST', body: JSON.stringify([plugIn]) })
  await couplet.systems.query(`INSERT INTO nav.customer (no, name) VALUES ('R1', 'Refused')`)
  const since = logged.length
  await couplet.run('full')
  expect(await expectNoSecret(since)).toContain('Not with ***, *** and Bearer ***')

  const url = new URL(process.env['SYSTEMS_URL'] ?? '')
  url.username = 'nobody'
  url.password = databasePassword
  process.env['TEST_DATABASE'] = url.href
  const { id: _, ...local } = couplet.pair.localConnection
  await couplet.context.deps.stores.mappings.saveConnection({
    ...local,
    settings: { ...local.settings, url: 'env:TEST_DATABASE' },
  })
  await couplet.run('full')
  expect(await expectNoSecret(since)).toContain('SIGN_IN_REFUSED')
})

it('an address with a password in it is not even stored', async () => {
  const settings = { url: `http://ada:${databasePassword}@127.0.0.1:1` }
  const adding = addConnection(
    { name: 'clear', kind: 'dataverse', settings },
    { by: 'test', reason: null },
    couplet.context.deps,
  )
  await expect(adding).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expectNoSecret(0)
})
