import type { KeyScope } from '../../core/access/api-key.ts'
import type { Role } from '../../core/access/role.ts'
import { SyncError } from '../../core/errors.ts'
import type { Deps } from '../deps.ts'
import { getPairByName } from '../setup/get-pair.ts'

interface NewKey extends KeyScope {
  readonly name: string
  readonly hash: string
  readonly role: Role
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null
  readonly by: string
  readonly reason: string | null
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/

/** Stores the hash of a new API key. Throws CONFIG_INVALID for a name that is taken or no name, a time that is over, and a pair or mapping that does not exist. */
export async function addKey(key: NewKey, deps: Pick<Deps, 'stores' | 'clock'>): Promise<void> {
  const { by, reason, ...stored } = key
  assertName('name', key.name)
  if (key.expiresAt !== null && new Date(key.expiresAt) <= deps.clock.now()) {
    throw invalid('expires', key.expiresAt, 'is over already')
  }
  await assertScope(key, deps)
  if (await deps.stores.access.createApiKey(stored, { actor: by, reason })) return
  throw invalid('name', key.name, 'is taken: revoke that key first, or take another name')
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
