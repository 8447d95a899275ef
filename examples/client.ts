/**
 * Another service has a customer synchronized at once, and says what has become of it. `url` is where Couplet answers,
 * `key` one of its API keys, `no` the number of the customer.
 */
import { CoupletClient } from 'couplet/client'

export async function synchronizeCustomer(url: string, key: string, no: string): Promise<readonly string[]> {
  const couplet = new CoupletClient({ url, key })
  const { run } = await couplet.startRun({
    kind: 'records',
    mapping: 'CUSTOMER',
    keys: [no],
    createMissing: true,
    reason: 'Changed in the shop',
  })
  await couplet.waitForRun(run.id)
  const { outcomes } = await couplet.listOutcomesOfRun(run.id)
  return outcomes.map(({ kind, message }) => (message === null ? kind : `${kind}: ${message}`))
}
