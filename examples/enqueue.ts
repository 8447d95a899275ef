/**
 * A shop that shares a network with Couplet's database and queue hands over the keys of all customers it has changed. They are
 * stored when it returns, and synchronized soon after; asking for the same ones again meanwhile does no harm.
 */
import { openEnqueuer } from 'couplet/enqueue'

export async function handOver(
  databaseUrl: string,
  queueUrl: string,
  ids: readonly string[],
): Promise<number> {
  const couplet = await openEnqueuer({ databaseUrl, queueUrl, name: 'shop' })
  try {
    const { runId } = await couplet.enqueue({ mapping: 'CUSTOMER', side: 'local', keys: ids })
    return runId
  } finally {
    await couplet.close()
  }
}
