import type { KeyScope } from './api-key.ts'
import type { Role } from './role.ts'

/** Who asks: a program with its API key, or a person who has signed in. */
export interface Principal {
  readonly name: string
  readonly kind: 'key' | 'user'
  readonly role: Role
  readonly scope: KeyScope
}

/** As runs and the audit log name who asked. */
export function nameOf({ kind, name }: Pick<Principal, 'kind' | 'name'>): string {
  return kind === 'key' ? `api/${name}` : `user/${name}`
}
