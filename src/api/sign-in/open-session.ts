import type { FastifyReply } from 'fastify'
import { nameOf, subjectOf } from '../../core/access/principal.ts'
import type { Role } from '../../core/access/role.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { SessionRules } from './by-session.ts'
import { setToken } from './cookies.ts'
import { hashToken, newToken } from './token.ts'

/** Somebody who has proved who they are: by an account, or at the provider, which gives a role and a subject of its own. */
type Proved =
  | { readonly kind: 'user'; readonly name: string; readonly accountId: number }
  | { readonly kind: 'oidc'; readonly name: string; readonly role: Role; readonly subject: string }

/** Begins a session with a token nobody has seen before, writes it down, and gives the browser its cookie. */
export async function openSession(
  person: Proved,
  reply: FastifyReply,
  rules: SessionRules,
  { stores }: Pick<Deps, 'stores'>,
): Promise<void> {
  const token = newToken()
  await stores.access.openSession({
    id: hashToken(token),
    userName: person.name,
    accountId: person.kind === 'user' ? person.accountId : null,
    role: person.kind === 'oidc' ? person.role : null,
    expiresInMs: rules.longestMs,
  })
  await stores.operations.appendAudit({
    actor: nameOf(person),
    action: 'user.sign-in',
    subject: subjectOf(person),
    detail: wayOf(person),
  })
  setToken(reply, 'session', token, Math.floor(rules.longestMs / 1_000), rules)
}

function wayOf(person: Proved): Readonly<Record<string, string>> {
  if (person.kind === 'user') return { way: 'password' }
  return { way: 'oidc', role: person.role, subject: person.subject }
}
