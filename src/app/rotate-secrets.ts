import { SyncError } from '../core/errors.ts'
import type { Context } from './context.ts'
import { isSealed, openSecret, type SecretKeys, sealedBy, sealSecret } from './sealed-secret.ts'
import { secretOwner } from './webhooks/webhook-tools.ts'

/** What a rotation has done with the sealed settings of one connection, or the secrets of one webhook. */
export type Rotated = ({ readonly connection: string } | { readonly webhook: string }) & {
  /** Names of what is sealed with the first key now. */
  readonly settings: readonly string[]
}

/**
 * Seals every stored secret with the first of the keys, one connection or webhook after the other, so that the other keys can be taken away.
 * Once is the same as twice: what is sealed with it already stays. Throws SECRET_NOT_READABLE when a key is missing, and
 * CONNECTION_CHANGED for one that somebody changes at this moment; those before it are done.
 */
export async function rotateSecrets(
  by: string,
  { config, deps, care }: Pick<Context, 'config' | 'deps' | 'care'>,
): Promise<readonly Rotated[]> {
  const rotated: Rotated[] = []
  for (const connection of await deps.stores.mappings.listConnections()) {
    const settings = sealAnew(connection.name, connection.settings, config.secretKeys)
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
  return [...rotated, ...(await rotateWebhookSecrets(by, { config, care }))]
}

async function rotateWebhookSecrets(
  by: string,
  { config: { secretKeys }, care: { webhooks } }: Pick<Context, 'config' | 'care'>,
): Promise<readonly Rotated[]> {
  const rotated: Rotated[] = []
  for (const before of await webhooks.listSecrets()) {
    const { id, name, ...secrets } = before
    const sealed = Object.entries(secrets).flatMap(([key, text]) => (text === null ? [] : [[key, text]]))
    const anew = sealAnew(secretOwner(name), Object.fromEntries(sealed), secretKeys)
    const names = Object.keys(anew)
    if (names.length === 0) continue
    if (!(await webhooks.replaceSecrets(before, { ...secrets, ...anew }, { by, reason: null }))) {
      throw new SyncError(
        'CONNECTION_CHANGED',
        `Webhook ${name} was changed by somebody else in the meantime`,
      )
    }
    rotated.push({ webhook: name, settings: names })
  }
  return rotated
}

function sealAnew(
  owner: string,
  settings: Readonly<Record<string, string>>,
  keys: SecretKeys,
): Readonly<Record<string, string>> {
  const [first] = keys.keys()
  const old = Object.entries(settings).filter(([, text]) => isSealed(text) && sealedBy(text) !== first)
  return Object.fromEntries(
    old.map(([setting, text]) => [setting, sealSecret(openSecret(text, owner, keys), owner, keys)]),
  )
}
