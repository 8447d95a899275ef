import { type Role, roles } from './role.ts'

/** How an identity provider says what somebody may do. */
export interface RoleRule {
  /** Name of the claim, such as `groups`; `realm_access.roles` looks into an object. */
  readonly claim: string
  /** Role by value of the claim. */
  readonly roles: ReadonlyMap<string, Role>
}

/** The highest role that the claims give; null: none, so that there is no way in. */
export function roleOfClaims(claims: Readonly<Record<string, unknown>>, rule: RoleRule): Role | null {
  const values = [claimOf(claims, rule.claim)].flat()
  const given = values.flatMap((value) => (typeof value === 'string' ? (rule.roles.get(value) ?? []) : []))
  return roles.findLast((role) => given.includes(role)) ?? null
}

/** A claim whose name has dots in it wins over an object with that path. */
function claimOf(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : null,
      claims,
    )
}

/** What a person is called in the audit log: the first of the usual claims that says something. */
export function nameOfClaims(claims: Readonly<Record<string, unknown>> & { readonly sub: string }): string {
  const names = [claims['preferred_username'], claims['email'], claims.sub]
  const name = String(names.find((each) => typeof each === 'string' && each.trim() !== '') ?? claims.sub)
  // It stands in logs, and in a store that takes neither NUL nor half a character.
  return name
    .replace(/\p{Cc}/gu, '')
    .slice(0, 100)
    .toWellFormed()
}

/** `VALUE=ROLE, VALUE=ROLE`; null when the text is anything else. */
export function parseRoles(text: string): ReadonlyMap<string, Role> | null {
  const found = new Map<string, Role>()
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const at = part.lastIndexOf('=')
    const value = part.slice(0, Math.max(at, 0)).trim()
    const role = roles.find((each) => each === part.slice(at + 1).trim())
    if (value === '' || role === undefined || found.has(value)) return null
    found.set(value, role)
  }
  return found
}
