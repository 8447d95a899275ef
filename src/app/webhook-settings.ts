import { z } from 'zod'
import { readSigningSecret } from '../core/webhooks/sign.ts'
import { setting, wholeNumber } from './setting.ts'

function signingSecretList(): z.ZodType<readonly Buffer[], string> {
  return z.string().transform((text, context) => {
    const secrets = text.split(',').flatMap((part) => part.trim() || [])
    const bytes = secrets.flatMap((secret) => readSigningSecret(secret) ?? [])
    if (bytes.length === secrets.length) return bytes
    context.addIssue({ code: 'custom', message: 'expected whsec_ and 24 to 64 bytes in base64' })
    return z.NEVER
  })
}

/** How events are sent to others (docs/webhooks.md). */
export const webhookSettings = {
  webhookSeconds: setting({
    variable: 'COUPLET_WEBHOOK_SECONDS',
    doc: 'How long the receiver of a webhook may take to answer.',
    default: '15',
    schema: wholeNumber(1, 60),
  }),
  webhookRetryDays: setting({
    variable: 'COUPLET_WEBHOOK_RETRY_DAYS',
    doc: 'How long a message of a webhook is tried again; an endpoint that nothing reaches for so long is disabled.',
    default: '3',
    schema: wholeNumber(1, 30),
  }),
  callbackSecrets: setting({
    variable: 'COUPLET_CALLBACK_SECRET',
    doc: 'Signs what is sent to the `callbackUrl` of a run: `whsec_` and 24 to 64 random bytes in base64; several are separated by commas and all sign, so that they can be changed. Not set: runs take no callback.',
    default: '',
    secret: true,
    schema: signingSecretList(),
    remedy: 'Write it like whsec_<32 random bytes in base64>, with commas between several.',
  }),
} as const
