import { SyncError } from '../core/errors.ts'
import type { ConnectionRecord } from '../core/ports/mapping-store.ts'
import type { Context } from './context.ts'
import { isSealed, openSecret, type SecretKeys, sealedBy, sealSecret } from './sealed-secret.ts'

/** What a rotation has done with the sealed settings of one connection. */
export interface RotatedConnection {
  readonly connection: string
  /** Names of the settings that are sealed with the first key now. */
  readonly settings: readonly string[]
}

/**
 * Seals every stored secret with the first of the keys, one connection after the other, so that the other keys can be taken away.
 * Once is the same as twice: what is sealed with it already stays. Throws SECRET_NOT_READABLE when a key is missing, and
 * CONNECTION_CHANGED for a connection that somebody changes at this moment; those before it are done.
 */
export async function rotateSecrets(
  by: string,
  { config, deps }: Pick<Context, 'config' | 'deps'>,
): Promise<readonly RotatedConnection[]> {
  const rotated: RotatedConnection[] = []
  for (const connection of await deps.stores.mappings.listConnections()) {
    const settings = sealAnew(connection, config.secretKeys)
    const names = Object.keys(settings)
    if (names.length === 0) continue
    const after = { ...connection.settings, ...settings }
    const audit = { actor: by, reason: null, names }
    if (!(await deps.stores.access.replaceSecrets(connection, after, audit))) {
      const message = `Connection ${connection.name} was changed by somebody else in the meantime`
      throw new SyncError('CONNECTION_CHANGED', message, { data: { connection: connection.name } })
    }
    rotated.push({ connection: connection.name, settings: names })
  }
  return rotated
}

function sealAnew({ name, settings }: ConnectionRecord, keys: SecretKeys): Readonly<Record<string, string>> {
  const [first] = keys.keys()
  const old = Object.entries(settings).filter(([, text]) => isSealed(text) && sealedBy(text) !== first)
  return Object.fromEntries(
    old.map(([setting, text]) => [setting, sealSecret(openSecret(text, name, keys), name, keys)]),
  )
}
