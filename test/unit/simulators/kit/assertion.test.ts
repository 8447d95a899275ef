import { constants, sign } from 'node:crypto'
import { generate } from 'selfsigned'
import { beforeAll, expect, it } from 'vitest'
import { createSignIn } from '../../../../src/simulators/kit/sign-in.ts'
import { manualTime } from '../../../support/manual-time.ts'

let own: { private: string; cert: string; fingerprint256: string }
let other: typeof own
const time = manualTime()
const seconds = time.nowMs() / 1_000
const tokenUrl = 'http://127.0.0.1:1/acme/oauth2/v2.0/token'

beforeAll(async () => {
  const make = async () => {
    const made = await generate([{ name: 'commonName', value: 'couplet' }], { keySize: 2_048 })
    const { X509Certificate } = await import('node:crypto')
    return { ...made, fingerprint256: new X509Certificate(made.cert).fingerprint256 }
  }
  own = await make()
  other = await make()
})

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
function assertion(change: { key?: string; alg?: string; x5t?: string; claims?: object } = {}): string {
  const alg = change.alg ?? 'PS256'
  const x5t = change.x5t ?? own.fingerprint256
  const head = {
    alg,
    typ: 'JWT',
    'x5t#S256': Buffer.from(x5t.replaceAll(':', ''), 'hex').toString('base64url'),
  }
  const claims = { aud: tokenUrl, iss: 'app', sub: 'app', nbf: seconds, exp: seconds + 600, ...change.claims }
  const content = `${encode(head)}.${encode(claims)}`
  const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const signature = sign('sha256', Buffer.from(content), { key: change.key ?? own.private, padding })
  return `${content}.${signature.toString('base64url')}`
}

function askToken(clientAssertion: string, certificate: string | undefined = own.cert): string {
  const application = { clientId: 'app', clientSecret: 'secret', ...(certificate ? { certificate } : {}) }
  const options = { tenant: 'acme', applications: [application], scope: null, tokenLifetimeMs: 60_000 }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'app',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
  })
  const { status, body } = createSignIn(options, time).token({
    method: 'POST',
    path: '/acme/oauth2/v2.0/token',
    query: '',
    headers: {},
    body: Buffer.from(form.toString()),
    isTooLarge: false,
    origin: 'http://127.0.0.1:1',
  })
  return `${status} ${JSON.parse(String(body)).error_description ?? ''}`
}

it.each(['RS256', 'PS256'])('an assertion signed with %s stands for the secret', (alg) => {
  expect(askToken(assertion({ alg }))).toBe('200 ')
})

it.each([
  ['the signature is wrong', () => assertion({ key: other.private })],
  ['the signature is wrong', () => assertion({ alg: 'HS256' })],
  ['the certificate is not known', () => assertion({ x5t: other.fingerprint256 })],
  ['the certificate is not known', () => 'no.assertion.at-all'],
  ['it is about another client', () => assertion({ claims: { sub: 'other' } })],
  ['it is meant for another address', () => assertion({ claims: { aud: 'http://elsewhere.example/' } })],
  ['it has expired', () => assertion({ claims: { exp: seconds - 301 } })],
  ['it is not valid yet', () => assertion({ claims: { nbf: seconds + 301 } })],
])('refused: %s', (reason, make) => {
  expect(askToken(make())).toContain(reason)
})

it('refused where the application has left no certificate', () => {
  expect(askToken(assertion(), '')).toContain('assertions are not accepted')
})
