import { type ApiKey, judgeKey, type KeyScope, type KeyState } from '../../core/access/api-key.ts'
import type { Role } from '../../core/access/role.ts'
import { SyncError } from '../../core/errors.ts'
import type { Act } from '../../core/ports/act.ts'
import type { Deps } from '../deps.ts'
import { getPairByName } from '../setup/get-pair.ts'

interface NewKey extends KeyScope, Act {
  readonly name: string
  readonly hash: string
  readonly role: Role
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/

/** All keys by name, with what they are good for at this moment. */
export async function listKeys({
  stores,
  clock,
}: Pick<Deps, 'stores' | 'clock'>): Promise<readonly (ApiKey & { readonly state: KeyState })[]> {
  const now = clock.now()
  const keys = await stores.access.listApiKeys()
  return keys.map((key) => ({ ...key, state: judgeKey(key, now) }))
}

/** Ends a key at once. Throws KEY_UNKNOWN. */
export async function revokeKey(
  name: string,
  { by, reason }: Act,
  deps: Pick<Deps, 'stores'>,
): Promise<void> {
  if (await deps.stores.access.revokeApiKey(name, { actor: by, reason })) return
  throw new SyncError('KEY_UNKNOWN', `There is no key ${name} that could be revoked`)
}

/** Stores the hash of a new API key. Throws KEY_EXISTS, and CONFIG_INVALID for no name, a time that is over, and a pair or mapping that does not exist. */
export async function addKey(key: NewKey, deps: Pick<Deps, 'stores' | 'clock'>): Promise<void> {
  const { by, reason, ...stored } = key
  assertName('name', key.name)
  if (key.expiresAt !== null && new Date(key.expiresAt) <= deps.clock.now()) {
    throw invalid('expires', key.expiresAt, 'is over already')
  }
  await assertScope(key, deps)
  if (await deps.stores.access.createApiKey(stored, { actor: by, reason })) return
  throw new SyncError('KEY_EXISTS', `There is a key ${key.name} already`)
}

/** A name that can stand in logs and commands: up to 50 letters, digits, dots, hyphens and underscores. */
export function assertName(field: string, name: string): void {
  if (namePattern.test(name)) return
  throw invalid(field, name, 'expected up to 50 letters, digits, dots, hyphens and underscores')
}

async function assertScope({ pairs, mappings }: KeyScope, deps: Pick<Deps, 'stores'>): Promise<void> {
  for (const name of pairs ?? []) await getPairByName(name, deps)
  if (mappings === null) return
  const known = new Set<string>()
  for (const { id } of await deps.stores.mappings.listPairs()) {
    for (const { definition } of await deps.stores.mappings.listMappings(id)) known.add(definition.name)
  }
  const unknown = mappings.find((name) => !known.has(name))
  if (unknown !== undefined) throw invalid('mapping', unknown, 'is no mapping of any pair')
}

function invalid(field: string, value: string, reason: string): SyncError {
  return new SyncError('CONFIG_INVALID', `${field} = '${value}': ${reason}`, { data: { field } })
}
