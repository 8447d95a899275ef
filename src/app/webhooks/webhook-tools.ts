import { randomBytes } from 'node:crypto'
import { SyncError } from '../../core/errors.ts'
import type { DeliveryTarget } from '../../core/ports/webhook-store.ts'
import { readSigningSecret, writeSigningSecret } from '../../core/webhooks/sign.ts'
import type { WebhookTools } from '../../usecases/webhooks/change-webhooks.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { openSecret, sealSecret } from '../sealed-secret.ts'
import { assertReceiver } from './receiver.ts'

const SECRET_BYTES = 32

/** Who a sealed secret of an endpoint belongs to; no connection is called so. */
export const secretOwner = (name: string): string => `webhook ${name}`

/** What changing webhooks needs besides the store. */
export function webhookTools({ care, config }: Pick<Context, 'care' | 'config'>): WebhookTools {
  return {
    webhooks: care.webhooks,
    newSecret: () => writeSigningSecret(randomBytes(SECRET_BYTES)),
    seal: (secret, name) => sealSecret(secret, secretOwner(name), config.secretKeys),
    assertReceiver: (field, url) => assertReceiver(field, url, config),
  }
}

/** What messages to a receiver are signed with. Throws WEBHOOK_SECRET_MISSING, CALLBACK_NOT_SET_UP, SECRET_NOT_READABLE. */
export function secretsOf(
  target: DeliveryTarget,
  { callbackSecrets, secretKeys }: Pick<Config, 'callbackSecrets' | 'secretKeys'>,
): readonly Buffer[] {
  if (target.kind === 'callback') {
    assertCallbacks(callbackSecrets)
    return callbackSecrets
  }
  const { name, secret, previous } = target
  if (secret === null) throw new SyncError('WEBHOOK_SECRET_MISSING', `Webhook ${name} has no secret`)
  return [secret, previous].flatMap((sealed) => {
    if (sealed === null) return []
    const bytes = readSigningSecret(openSecret(sealed, secretOwner(name), secretKeys))
    if (bytes === null)
      throw new SyncError('SECRET_NOT_READABLE', `The stored secret of ${secretOwner(name)} is none`)
    return [bytes]
  })
}

/** Refuses a callback while who asks is there. Throws CALLBACK_NOT_SET_UP, REQUEST_INVALID, ADDRESS_REFUSED. */
export async function assertCallback(
  url: string,
  config: Pick<Config, 'callbackSecrets' | 'privateNetworks'>,
): Promise<void> {
  assertCallbacks(config.callbackSecrets)
  await assertReceiver('callbackUrl', url, config)
}

function assertCallbacks(secrets: readonly Buffer[]): void {
  if (secrets.length > 0) return
  throw new SyncError('CALLBACK_NOT_SET_UP', 'Runs take no callback here: there is no secret to sign it with')
}
