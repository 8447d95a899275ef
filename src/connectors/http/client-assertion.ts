import { constants, createPrivateKey, type KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'

/** The private key of an application and the certificate its authority knows it by. */
export interface CertificateKey {
  readonly key: KeyObject
  /** SHA-256 of the certificate in DER form, base64url: how the authority finds it. */
  readonly thumbprint: string
  readonly algorithm: 'RS256' | 'PS256'
}

/**
 * Reads key and certificate (PEM; both may stand in one text). Throws CONFIG_INVALID that names the setting, never its
 * content: no certificate, no private key, not RSA, or the two do not belong together.
 */
export function readCertificateKey(
  pem: { readonly key: string; readonly certificate: string },
  algorithm: CertificateKey['algorithm'],
  setting: string,
): CertificateKey {
  const refuse = (reason: string) =>
    new SyncError('CONFIG_INVALID', `${setting}: ${reason}`, { data: { setting } })
  const certificate = attempt(() => new X509Certificate(pem.certificate))
  if (!certificate) throw refuse('it holds no certificate in PEM form')
  const key = attempt(() => createPrivateKey(pem.key))
  if (!key) throw refuse('it holds no readable private key in PEM form (without a passphrase)')
  if (key.asymmetricKeyType !== 'rsa') throw refuse('its key is no RSA key')
  if (!certificate.checkPrivateKey(key)) throw refuse('key and certificate do not belong together')
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  return { key, thumbprint, algorithm }
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    // OpenSSL's own words may quote the text.
    return null
  }
}

/** Longer than any clock difference that a token service accepts, short enough to be worthless soon. */
const lifeSeconds = 600

/** A signed word that it is this application that asks (RFC 7523), each one for a single use. */
export function clientAssertion(
  client: { readonly clientId: string; readonly tokenUrl: URL; readonly key: CertificateKey },
  now: Date,
): string {
  const { algorithm, thumbprint, key } = client.key
  const seconds = Math.floor(now.getTime() / 1_000)
  const content = `${encode({ alg: algorithm, typ: 'JWT', 'x5t#S256': thumbprint })}.${encode({
    aud: client.tokenUrl.href,
    iss: client.clientId,
    sub: client.clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + lifeSeconds,
  })}`
  const padding =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING }
  return `${content}.${sign('sha256', Buffer.from(content), { key, ...padding }).toString('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
