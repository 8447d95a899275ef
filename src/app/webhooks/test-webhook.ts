import { present } from '../../lib/assert.ts'
import { getWebhook } from '../../usecases/webhooks/change-webhooks.ts'
import type { Context } from '../context.ts'
import { deliverAll, holdMs } from './deliverer.ts'

/** What came of a test; `code` where there was no answer. */
export interface WebhookTest {
  readonly deliveryId: number
  readonly delivered: boolean
  readonly status: number | null
  readonly code: string | null
}

/** Sends a test to a webhook from this process, once, also when it is off. Throws WEBHOOK_UNKNOWN. */
export async function testWebhook(name: string, context: Context): Promise<WebhookTest> {
  const { care, config } = context
  const endpoint = await getWebhook(name, care)
  const message = await care.webhooks.takeTest(endpoint, holdMs(config))
  const result = present((await deliverAll([message], context))[0], 'result')
  const { status, code } = result
  const delivered = status !== null && status >= 200 && status < 300
  return { deliveryId: message.id, delivered, status, code }
}
