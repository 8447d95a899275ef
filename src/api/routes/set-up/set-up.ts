import type { Pair, StoredMapping } from '../../../core/ports/mapping-store.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/set-up.ts'
import { getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /pairs and GET /connections: the systems. */
export function listSystems(server: Server, { stores }: Deps): void {
  serve(server, contract.listPairs, async () => ({
    pairs: (await stores.mappings.listPairs()).map(showPair),
  }))
  serve(server, contract.listConnections, async () => ({
    connections: await stores.mappings.listConnections(),
  }))
}

/** GET /mappings and GET /mappings/:name. */
export function listMappings(server: Server, deps: Deps): void {
  const { mappings } = deps.stores
  serve(server, contract.listMappings, async ({ query, principal }) => {
    const found = await mappings.listMappings(await getPairId(query, principal, deps))
    return { mappings: found.map(showMapping) }
  })
  serve(server, contract.getMapping, async ({ params: { name: mapping }, query: { pair }, principal }) => {
    const pairId = await getPairId({ pair, mapping }, principal, deps)
    return { mapping: showMapping(await mappings.getMapping(pairId, mapping)) }
  })
}

function showPair({ id, name, localConnection, localCompany, remoteConnection, remoteCompany }: Pair) {
  return {
    id,
    name,
    local: { connection: localConnection.name, company: localCompany },
    remote: { connection: remoteConnection.name, company: remoteCompany },
  }
}

function showMapping({ id, version, definition, localWatermark, remoteWatermark }: StoredMapping) {
  const { name, enabled } = definition
  return { id, name, version, enabled, localWatermark, remoteWatermark, definition }
}
