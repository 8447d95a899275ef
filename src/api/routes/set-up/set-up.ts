import type { Pair } from '../../../core/ports/mapping-store.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/set-up.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /pairs. */
export function listPairs(server: Server, { stores }: Deps): void {
  serve(server, contract.listPairs, async () => ({
    pairs: (await stores.mappings.listPairs()).map(showPair),
  }))
}

function showPair({ id, name, localConnection, localCompany, remoteConnection, remoteCompany }: Pair) {
  return {
    id,
    name,
    local: { connection: localConnection.name, company: localCompany },
    remote: { connection: remoteConnection.name, company: remoteCompany },
  }
}
