import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto'

/** What a client assertion must be about. */
export interface AssertionFacts {
  readonly clientId: string
  /** The certificate the application has left here, in PEM form. */
  readonly certificate: string
  /** Address of the token endpoint. */
  readonly audience: string
  readonly nowMs: number
}

const tolerance = 300

/** Checks the signed word of an application (RFC 7523); the first thing that is wrong, or null. */
export function assertionProblem(assertion: string, facts: AssertionFacts): string | null {
  const [head = '', body = '', signature = ''] = assertion.split('.')
  const header = decoded(head)
  const claims = decoded(body)
  const certificate = new X509Certificate(facts.certificate)
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  const seconds = facts.nowMs / 1_000
  if (header['x5t#S256'] !== thumbprint) return 'the certificate is not known'
  const signed = Buffer.from(`${head}.${body}`)
  if (!isSigned(String(header['alg']), signed, certificate.publicKey, signature))
    return 'the signature is wrong'
  if (claims['iss'] !== facts.clientId || claims['sub'] !== facts.clientId)
    return 'it is about another client'
  if (claims['aud'] !== facts.audience) return 'it is meant for another address'
  if (!(Number(claims['exp']) > seconds - tolerance)) return 'it has expired'
  if (!(Number(claims['nbf']) <= seconds + tolerance)) return 'it is not valid yet'
  return null
}

function decoded(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isSigned(algorithm: string, content: Buffer, key: KeyObject, signature: string): boolean {
  if (algorithm !== 'RS256' && algorithm !== 'PS256') return false
  const padding = algorithm === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  return verify('sha256', content, { key, padding }, Buffer.from(signature, 'base64url'))
}
