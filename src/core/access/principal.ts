import type { KeyScope } from './api-key.ts'
import type { Role } from './role.ts'

/** Where somebody is known: an API key, an account of Couplet, or the identity provider. One name may stand in all of them. */
export type PrincipalKind = 'key' | 'user' | 'oidc'

/** Who asks: a program with its API key, or a person who has signed in. */
export interface Principal {
  readonly name: string
  readonly kind: PrincipalKind
  readonly role: Role
  readonly scope: KeyScope
}

type Named = Pick<Principal, 'kind' | 'name'>

const prefixes = { key: 'api', user: 'user', oidc: 'oidc' } as const satisfies Record<PrincipalKind, string>

/** As runs and the audit log name who asked. Somebody of the identity provider never has the name of an account. */
export function nameOf({ kind, name }: Named): string {
  return `${prefixes[kind]}/${name}`
}

/** As the audit log names somebody to whom something is done. */
export function subjectOf({ kind, name }: Named): string {
  return `${kind} ${name}`
}
