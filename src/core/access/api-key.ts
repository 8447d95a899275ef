import type { Role } from './role.ts'

/** What a key is for: these pairs and mappings, by their names; null: all. */
export interface KeyScope {
  readonly pairs: readonly string[] | null
  readonly mappings: readonly string[] | null
}

/** A key by which programs sign in; the key itself is stored nowhere. Times are ISO 8601 in UTC. */
export interface ApiKey extends KeyScope {
  readonly name: string
  readonly role: Role
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string | null
  /** To the minute. */
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

export type KeyState = 'valid' | 'expired' | 'revoked'

export const everything: KeyScope = Object.freeze({ pairs: null, mappings: null })

/** Whether the key may be used at this time. */
export function judgeKey(
  { revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: Date,
): KeyState {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && new Date(expiresAt) <= now ? 'expired' : 'valid'
}

/** Whether something about this pair and this mapping lies in the scope; null: it is about all of them. */
export function isInScope(scope: KeyScope, pair: string | null, mapping: string | null): boolean {
  if (scope.pairs !== null && (pair === null || !scope.pairs.includes(pair))) return false
  return scope.mappings === null || (mapping !== null && scope.mappings.includes(mapping))
}

/** Whether the scope leaves anything out. */
export function isLimited({ pairs, mappings }: KeyScope): boolean {
  return pairs !== null || mappings !== null
}
