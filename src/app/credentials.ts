import { z } from 'zod'
import { parseServiceRoot } from '../connectors/http/address.ts'
import { readCertificateKey } from '../connectors/http/client-assertion.ts'
import type { Credentials } from '../connectors/http/sign-in.ts'
import { tokenUrl } from '../connectors/http/token.ts'
import { SyncError } from '../core/errors.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'

type Connection = Pick<ConnectionRecord, 'name' | 'settings'>

const needed = (what: string) => z.string({ error: `${what} is missing` }).min(1, `${what} is missing`)

const UserSettings = z.object({ user: needed('user'), password: needed('password') })
const ApplicationSettings = z.object({
  tenant: needed('tenant'),
  scope: needed('scope'),
  authority: z.string().default('https://login.microsoftonline.com/'),
  clientId: needed('clientId'),
  clientSecret: z.string().optional(),
  certificate: z.string().optional(),
  certificateAlgorithm: z.enum(['PS256', 'RS256']).default('PS256'),
})

/**
 * How the users of a connection over HTTP sign in, by their names. One user stands in `clientId` with `clientSecret` or
 * `certificate` (key and certificate in one PEM text), or in `user` with `password`; further ones in the same names with
 * `.2`, `.3` and so on, to share the work. Secrets are references, which `resolve` turns into values. Without any user
 * nobody signs in. Throws CONFIG_INVALID that names connection and setting, never a value.
 */
export function connectionUsers(
  connection: Connection,
  resolve: (reference: string) => string,
): ReadonlyMap<string, Credentials> {
  const users = new Map<string, Credentials>()
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `.${number}`
    const found = readUser(connection, suffix, resolve)
    if (found === null) break
    if (users.has(found.identity)) throw invalid(connection, `names user ${found.identity} twice`)
    users.set(found.identity, found.credentials)
  }
  return users.size > 0 ? users : new Map([['anonymous', { kind: 'none' }]])
}

interface NamedUser {
  readonly identity: string
  readonly credentials: Credentials
}

function readUser(
  connection: Connection,
  suffix: string,
  resolve: (reference: string) => string,
): NamedUser | null {
  // What is said of the first user, such as the tenant, holds for all of them.
  const own = Object.entries(connection.settings).flatMap(([name, value]) =>
    suffix !== '' && name.endsWith(suffix) ? [[name.slice(0, -suffix.length), value] as const] : [],
  )
  const settings = {
    ...(suffix === '' ? connection.settings : shared(connection)),
    ...Object.fromEntries(own),
  }
  if ('user' in settings) return basicUser(connection, settings, resolve)
  return 'clientId' in settings ? applicationUser(connection, settings, resolve) : null
}

const personal = ['user', 'password', 'clientId', 'clientSecret', 'certificate']

function shared({ settings }: Connection): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !personal.includes(name)))
}

function basicUser(
  connection: Connection,
  settings: Readonly<Record<string, string>>,
  resolve: (reference: string) => string,
): NamedUser {
  const { user, password } = parse(UserSettings, settings, connection)
  return { identity: user, credentials: { kind: 'basic', user, password: resolve(password) } }
}

function applicationUser(
  connection: Connection,
  settings: Readonly<Record<string, string>>,
  resolve: (reference: string) => string,
): NamedUser {
  const parsed = parse(ApplicationSettings, settings, connection)
  const { clientId, scope, tenant, clientSecret, certificate } = parsed
  const rules = { connection: connection.name, setting: 'authority', allowHttp: false }
  const client = { tokenUrl: tokenUrl(parseServiceRoot(parsed.authority, rules), tenant), clientId, scope }
  if ((clientSecret === undefined) === (certificate === undefined)) {
    throw invalid(connection, `needs either clientSecret or certificate for ${clientId}`)
  }
  if (clientSecret !== undefined) {
    return {
      identity: clientId,
      credentials: { kind: 'client-secret', secret: resolve(clientSecret), ...client },
    }
  }
  const pem = resolve(certificate ?? '')
  const setting = `Connection ${connection.name}: certificate of ${clientId}`
  const key = readCertificateKey({ key: pem, certificate: pem }, parsed.certificateAlgorithm, setting)
  return { identity: clientId, credentials: { kind: 'client-certificate', key, ...client } }
}

function parse<T>(schema: z.ZodType<T>, settings: object, connection: Connection): T {
  const parsed = schema.safeParse(settings)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(connection, `${issue?.path.join('.') ?? 'a setting'}: ${issue?.message ?? 'not accepted'}`)
}

function invalid(connection: Connection, reason: string): SyncError {
  return new SyncError('CONFIG_INVALID', `Connection ${connection.name} ${reason}`, {
    data: { connection: connection.name },
  })
}
