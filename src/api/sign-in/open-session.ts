import type { FastifyReply } from 'fastify'
import type { Role } from '../../core/access/role.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { SessionRules } from './by-session.ts'
import { setToken } from './cookies.ts'
import { hashToken, newToken } from './token.ts'

/** Somebody who has proved who they are; `role` is of the provider where there is no account. */
interface Person {
  readonly userName: string
  readonly accountId: number | null
  readonly role: Role | null
  /** `password` or `oidc`. */
  readonly way: string
}

/** Begins a session with a token nobody has seen before, writes it down, and gives the browser its cookie. */
export async function openSession(
  { way, ...person }: Person,
  reply: FastifyReply,
  rules: SessionRules,
  { stores }: Pick<Deps, 'stores'>,
): Promise<void> {
  const token = newToken()
  await stores.access.openSession({ ...person, id: hashToken(token), expiresInMs: rules.longestMs })
  await stores.operations.appendAudit({
    actor: `user/${person.userName}`,
    action: 'user.sign-in',
    subject: `user ${person.userName}`,
    detail: { way, ...(person.role && { role: person.role }) },
  })
  setToken(reply, 'session', token, Math.floor(rules.longestMs / 1_000), rules)
}
