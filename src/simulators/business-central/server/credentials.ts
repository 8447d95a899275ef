import { headerOf, type SimRequest } from '../../kit/http.ts'
import type { SignIn } from '../../kit/sign-in.ts'

/** A user of a server on-premises; the password is a web service access key (connectors.md B.9). */
export interface BasicUser {
  readonly name: string
  readonly accessKey: string
}

/** Who sends a request: a token counts online, a user name with its key on-premises; null for anybody else. */
export function userOf(
  request: Pick<SimRequest, 'path' | 'headers'>,
  signIn: SignIn,
  users: readonly BasicUser[],
): string | null {
  if (request.path.startsWith('/v2.0/')) return signIn.userOf(request)
  const encoded = /^basic (.+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1] ?? ''
  const [name = '', ...key] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return users.find((user) => user.name === name && user.accessKey === key.join(':'))?.name ?? null
}
