import { nameOf } from '../../../core/access/principal.ts'
import { addKey, listKeys, revokeKey } from '../../../usecases/access/keys.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { hashKey, newKey } from '../../api-key.ts'
import * as contract from '../../contract/access.ts'
import { judgingWhatWasSent } from '../../refusal.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /keys, POST /keys and POST /keys/:name/revoke. */
export function changeKeys(server: Server, deps: Deps): void {
  serve(server, contract.listKeys, async () => ({ keys: await listKeys(deps) }))
  serve(server, contract.addKey, async ({ body, principal }) => {
    const { name, role, pairs = null, mappings = null, expiresAt = null, reason = null } = body
    const key = newKey()
    const wish = { name, hash: hashKey(key), role, pairs, mappings, expiresAt, by: nameOf(principal), reason }
    await judgingWhatWasSent(() => addKey(wish, deps))
    return { name, key }
  })
  serve(server, contract.revokeKey, async ({ params, body: { reason = null }, principal }) => {
    await revokeKey(params.name, { by: nameOf(principal), reason }, deps)
    return { revoked: true as const }
  })
}
