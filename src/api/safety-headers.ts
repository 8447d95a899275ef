import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { Server } from './server-type.ts'

/** Only our own files; no inline script, no inline style, nothing embedded, nobody frames the pages. */
const strict = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
}

/** bull-board puts styles into its elements and works in blobs; it would fetch fonts from elsewhere, and may not. */
export const boardPolicy = policy({
  ...strict,
  'style-src': "'self' 'unsafe-inline'",
  'worker-src': "'self' blob:",
  'base-uri': "'self'",
})

const strictPolicy = policy(strict)

/** The strict policy with this one style, which stands in the page. */
export function policyWithStyle(css: string): string {
  const hash = createHash('sha256').update(css).digest('base64')
  return policy({ ...strict, 'style-src': `'self' 'sha256-${hash}'` })
}

/** What an answer says about itself unless its route has said it: nobody else's page may use it, and nobody stores it. */
export function addSafetyHeaders(server: Server, isSecure: boolean): void {
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      ...(isSecure && { 'strict-transport-security': 'max-age=31536000' }),
    })
    addDefault(reply, 'content-security-policy', strictPolicy)
    addDefault(reply, 'cache-control', 'no-store')
  })
}

function addDefault(reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name)) reply.header(name, value)
}

function policy(rules: Readonly<Record<string, string>>): string {
  return Object.entries(rules)
    .map((rule) => rule.join(' '))
    .join('; ')
}
