import type { WebhookEndpoint } from '../ports/webhook-store.ts'
import { type Finding, good, warning } from './finding.ts'

/** Whether those who want to be told of events are. What somebody has switched off by hand is as it should be. */
export function judgeWebhooks(webhooks: readonly WebhookEndpoint[]): Finding {
  const what = 'webhooks'
  const failing = webhooks.filter(({ failingSince, hasSecret }) => failingSince !== null || !hasSecret)
  if (failing.length === 0)
    return good('work', what, webhooks.length === 0 ? 'there are none' : 'all take what is sent')
  return warning(
    'work',
    what,
    failing.map((webhook) => `${webhook.name} ${trouble(webhook)}`).join('; '),
    'See `couplet webhooks deliveries` for what they answer; then `couplet webhooks test`, `rotate`, `enable` and `replay`.',
  )
}

function trouble({ enabled, failingSince, hasSecret }: WebhookEndpoint): string {
  if (!hasSecret) return 'has no secret since a restore'
  const since = `takes nothing since ${failingSince?.slice(0, 16).replace('T', ' ')} UTC`
  return enabled ? since : `${since}, and is disabled`
}
