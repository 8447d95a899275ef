import { constants, createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redact } from '../../src/app/redaction.ts'
import { readCertificateKey } from '../../src/connectors/http/client-assertion.ts'
import type { Credentials } from '../../src/connectors/http/sign-in.ts'
import { tokenUrl } from '../../src/connectors/http/token.ts'
import type { SyncError } from '../../src/core/errors.ts'
import type { Clock } from '../../src/core/ports/runtime.ts'
import { makeCertificate, type TestCertificate } from '../support/http/certificate.ts'
import { sendJson, startServer, type TestServer } from '../support/http/server.ts'
import { get, openTransport, post, type TestTransport } from '../support/http/transport.ts'

const secret = 'cLient-s3cret~value'
let authority: TestServer
let service: TestServer
let transport: TestTransport
let tokens: number
let nowMs: number

const clock: Clock = { now: () => new Date(Date.UTC(2026, 4, 1) + nowMs), monotonicMs: () => nowMs }
const tokenOf = (number: number) => `token-number-${number}-0123456789`

const withSecret = (): Credentials => ({
  kind: 'client-secret',
  tokenUrl: tokenUrl(new URL('sts/', authority.url), 'contoso'),
  clientId: 'app-1',
  secret,
  scope: 'https://contoso.crm.example/.default',
})

function open(...users: readonly (readonly [string, Credentials])[]): void {
  transport = openTransport({ users: new Map(users), clock })
}

async function failure(work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(
    () => null,
    (thrown: SyncError) => thrown,
  )
  const told = JSON.stringify([redact({ error }), error?.data, error?.message, String(error?.cause)])
  for (const text of [secret, 'token-number', 'Bearer', 'Basic ']) expect(told).not.toContain(text)
  return error as SyncError
}

beforeEach(async () => {
  tokens = 0
  nowMs = 0
  authority = await startServer((_request, response) => {
    tokens += 1
    sendJson(response, { token_type: 'Bearer', expires_in: 3599, access_token: tokenOf(tokens) })
  })
  service = await startServer((_request, response) => sendJson(response, {}))
  open(['sync', withSecret()])
})
afterEach(async () => {
  await transport.close()
  await authority.close()
  await service.close()
})

const usedTokens = () => service.requests.map(({ headers }) => headers.authorization)

describe('signing in with a secret', () => {
  it('asks for a token as the application, once for everybody who waits', async () => {
    await Promise.all(Array.from({ length: 8 }, () => transport.send(get(service.url))))
    expect(usedTokens()).toEqual(Array.from({ length: 8 }, () => `Bearer ${tokenOf(1)}`))
    expect(authority.requests).toHaveLength(1)
    const [asked] = authority.requests
    expect(asked).toMatchObject({ method: 'POST', url: '/sts/contoso/oauth2/v2.0/token' })
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app-1',
      client_secret: secret,
      scope: 'https://contoso.crm.example/.default',
    })
  })

  it('keeps the token until five minutes before its end', async () => {
    await transport.send(get(service.url))
    nowMs = 3_599_000 - 300_001
    await transport.send(get(service.url))
    expect(tokens).toBe(1)
    nowMs += 2
    await transport.send(get(service.url))
    expect(usedTokens()).toEqual([1, 1, 2].map((number) => `Bearer ${tokenOf(number)}`))
  })

  it('keeps a token of a short life for half of it', async () => {
    authority.reply = (_request, response) => {
      tokens += 1
      sendJson(response, { token_type: 'bearer', expires_in: '60', access_token: tokenOf(tokens) })
    }
    await transport.send(get(service.url))
    nowMs = 29_000
    await transport.send(get(service.url))
    expect(tokens).toBe(1)
    nowMs = 31_000
    await transport.send(get(service.url))
    expect(tokens).toBe(2)
  })

  it('signs in anew once when the service refuses the token, for a write, too', async () => {
    service.reply = ({ headers }, response) =>
      sendJson(response, {}, headers.authorization === `Bearer ${tokenOf(1)}` ? 401 : 200)
    expect(await transport.send(post(service.url))).toMatchObject({ status: 200 })
    expect(tokens).toBe(2)
  })

  it('renews once for many requests that are refused at the same time', async () => {
    service.reply = ({ headers }, response) =>
      sendJson(response, {}, headers.authorization === `Bearer ${tokenOf(1)}` ? 401 : 200)
    await Promise.all(Array.from({ length: 4 }, () => transport.send(get(service.url))))
    expect(tokens).toBe(2)
  })

  it('a fresh token that is refused, too, is a wrong setting', async () => {
    service.reply = (_request, response) => sendJson(response, {}, 401)
    const error = await failure(transport.send(get(service.url)))
    expect(error).toMatchObject({ code: 'SIGN_IN_REFUSED', kind: 'config', data: { identity: 'sync' } })
    expect(service.requests).toHaveLength(2)
  })

  it('every user has a token of its own', async () => {
    await transport.close()
    open(
      ['a', { ...withSecret(), clientId: 'app-a' } as Credentials],
      ['b', { ...withSecret(), clientId: 'app-b' } as Credentials],
    )
    for (let count = 0; count < 4; count += 1) await transport.send(get(service.url))
    expect(usedTokens()).toEqual([1, 2, 1, 2].map((number) => `Bearer ${tokenOf(number)}`))
  })

  it('an authority that refuses the application is told without its own words', async () => {
    authority.reply = ({ body }, response) =>
      sendJson(response, { error: 'invalid_client', error_description: `you sent ${body}` }, 401)
    const error = await failure(transport.send(get(service.url)))
    expect(error).toMatchObject({
      code: 'SIGN_IN_REFUSED',
      message: expect.stringContaining('app-1 sign in (invalid_client)'),
      data: { mayHaveRun: false },
    })
    expect(service.requests).toHaveLength(0)
  })

  it('an authority that cannot answer now is asked again, since nothing has left yet', async () => {
    const statuses = [503, 500]
    authority.reply = (_request, response) => {
      const status = statuses.shift() ?? 200
      sendJson(response, { token_type: 'Bearer', expires_in: 3599, access_token: tokenOf(9) }, status)
    }
    expect(await transport.send(post(service.url))).toMatchObject({ status: 200 })
    expect(authority.requests).toHaveLength(3)
  })

  it.each([
    ['a web page', '<html>', 'text/html'],
    ['another kind of token', '{"token_type":"mac","expires_in":1,"access_token":"x"}', 'application/json'],
    [
      'a token with a line break',
      '{"token_type":"Bearer","expires_in":1,"access_token":"x\\ny"}',
      'application/json',
    ],
    ['no time', '{"token_type":"Bearer","access_token":"xyz"}', 'application/json'],
  ])('an authority that answers with %s is not understood', async (_what, body, type) => {
    authority.reply = (_request, response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(body)
    }
    const error = await failure(transport.send(get(service.url)))
    expect(error).toMatchObject({ code: 'ANSWER_INVALID', data: { mayHaveRun: false } })
  })

  it('whoever is stopped while waiting for a token leaves it to the others', async () => {
    const controller = new AbortController()
    let answer = () => {}
    authority.reply = (_request, response) => {
      answer = () => sendJson(response, { token_type: 'Bearer', expires_in: 3599, access_token: tokenOf(1) })
      controller.abort()
    }
    const patient = transport.send(get(service.url))
    const error = await failure(transport.send(get(service.url, { signal: controller.signal })))
    expect(error).toMatchObject({ code: 'CONNECTION_INTERRUPTED', data: { mayHaveRun: false } })
    answer()
    expect(await patient).toMatchObject({ status: 200 })
    expect(authority.requests).toHaveLength(1)
  })

  it('takes secrets and tokens out of any text', async () => {
    await transport.send(get(service.url))
    expect(transport.hide(`a ${secret} b ${tokenOf(1)} c`)).toBe('a *** b *** c')
  })
})

describe('signing in with a user name and a key', () => {
  it('sends them with each request', async () => {
    await transport.close()
    open(['sync', { kind: 'basic', user: 'ADA', password: 'schlüssel:1' }])
    await transport.send(get(service.url))
    expect(usedTokens()).toEqual([`Basic ${Buffer.from('ADA:schlüssel:1').toString('base64')}`])
    expect(authority.requests).toHaveLength(0)
  })
})

describe('signing in with a certificate', () => {
  const day = 86_400_000
  const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) }
  let certificate: TestCertificate
  beforeAll(async () => {
    certificate = await makeCertificate(validity, '127.0.0.1')
  })

  it.each(['RS256', 'PS256'] as const)(
    'signs a word that only the key can have signed (%s)',
    async (algorithm) => {
      const {
        clientId,
        tokenUrl: url,
        scope,
      } = withSecret() as Extract<Credentials, { kind: 'client-secret' }>
      const key = readCertificateKey(
        { key: certificate.key, certificate: certificate.cert },
        algorithm,
        'certificate',
      )
      await transport.close()
      open(['sync', { kind: 'client-certificate', tokenUrl: url, clientId, scope, key }])
      await transport.send(get(service.url))
      const form = new URLSearchParams(authority.requests[0]?.body)
      expect(form.has('client_secret')).toBe(false)
      expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      const [head = '', content = '', signature = ''] = (form.get('client_assertion') ?? '').split('.')
      const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
      const thumbprint = createHash('sha256')
        .update(new X509Certificate(certificate.cert).raw)
        .digest('base64url')
      expect(decode(head)).toEqual({ alg: algorithm, typ: 'JWT', 'x5t#S256': thumbprint })
      const seconds = Date.UTC(2026, 4, 1) / 1_000
      expect(decode(content)).toEqual({
        aud: url.href,
        iss: clientId,
        sub: clientId,
        jti: expect.any(String),
        nbf: seconds,
        exp: seconds + 600,
      })
      const publicKey = {
        key: createPublicKey(certificate.cert),
        padding: algorithm === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING,
        ...(algorithm === 'PS256' ? { saltLength: 32 } : {}),
      }
      expect(
        verify('sha256', Buffer.from(`${head}.${content}`), publicKey, Buffer.from(signature, 'base64url')),
      ).toBe(true)
    },
  )

  it.each<
    readonly [
      string,
      (one: TestCertificate, other: TestCertificate) => { key: string; certificate: string },
      string,
    ]
  >([
    ['no certificate', (one) => ({ key: one.key, certificate: one.key }), 'no certificate'],
    [
      'no key',
      (one) => ({ key: one.cert.replaceAll('A', 'B'), certificate: one.cert }),
      'no readable private key',
    ],
    [
      'keys of two different owners',
      (one, other) => ({ key: other.key, certificate: one.cert }),
      'do not belong together',
    ],
  ])('refuses %s', async (_what, texts, reason) => {
    const other = await makeCertificate(validity, '127.0.0.1')
    const pem = texts(certificate, other)
    const error = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(reason),
    })
    expect(() => readCertificateKey(pem, 'PS256', 'certificate of crm')).toThrow(error)
  })
})
