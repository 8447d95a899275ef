import { expect, it } from 'vitest'
import { judgeWebhooks } from '../../../../src/core/doctor/judge-webhooks.ts'
import type { WebhookEndpoint } from '../../../../src/core/ports/webhook-store.ts'

const webhook = (name: string, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id: 1,
  name,
  url: 'https://example.com/',
  events: ['run.finished'],
  pairName: null,
  mappingNames: [],
  enabled: true,
  disabledReason: null,
  hasSecret: true,
  failingSince: null,
  createdAt: '2026-01-01T00:00:00.000000Z',
  ...more,
})
const failingSince = '2026-05-01T10:20:30.123456Z'

it('webhooks are well while they take what is sent, or somebody has switched them off', () => {
  expect(judgeWebhooks([]).state).toBe('good')
  expect(judgeWebhooks([webhook('a'), webhook('b', { enabled: false })]).state).toBe('good')
})

it('a webhook that takes nothing, was disabled for that, or has no secret is named', () => {
  const { state, detail } = judgeWebhooks([
    webhook('a'),
    webhook('b', { failingSince }),
    webhook('c', { failingSince, enabled: false }),
    webhook('d', { hasSecret: false, enabled: false }),
  ])
  expect(state).toBe('warning')
  expect(detail).toBe(
    'b takes nothing since 2026-05-01 10:20 UTC; c takes nothing since 2026-05-01 10:20 UTC, and is disabled; d has no secret since a restore',
  )
})
