import type { Principal } from '../../../core/access/principal.ts'
import type { StoredMapping } from '../../../core/ports/mapping-store.ts'
import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/mappings.ts'
import { getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'

/** GET /mappings, /mappings/:name, and its versions. */
export function readMappings(server: Server, deps: Deps): void {
  const { mappings } = deps.stores
  const find = async (mapping: string, pair: string | undefined, principal: Principal) =>
    mappings.getMapping(await getPairId({ pair, mapping }, principal, deps), mapping)
  serve(server, contract.listMappings, async ({ query, principal }) => {
    const found = await mappings.listMappings(await getPairId(query, principal, deps))
    return { mappings: found.map(showMapping) }
  })
  serve(server, contract.getMapping, async ({ params, query, principal }, reply) => {
    const found = await find(params.name, query.pair, principal)
    reply.header('etag', tagOf(found.version))
    return { mapping: showMapping(found) }
  })
  serve(server, contract.listMappingVersions, async ({ params, query, principal }) => {
    const { pair, limit, before = null } = query
    const { id } = await find(params.name, pair, principal)
    const versions = await mappings.listMappingVersions(id, { limit, before })
    return { versions, next: versions.length < limit ? null : (versions.at(-1)?.version ?? null) }
  })
  serve(server, contract.getMappingVersion, async ({ params, query, principal }) => {
    const { id } = await find(params.name, query.pair, principal)
    const { version } = params
    return { version, definition: await mappings.getMappingVersion(id, version) }
  })
}

/** The ETag of a mapping: its version. */
export function tagOf(version: number): string {
  return `"${version}"`
}

function showMapping({ id, version, definition, localWatermark, remoteWatermark }: StoredMapping) {
  const { name, enabled } = definition
  return { id, name, version, enabled, localWatermark, remoteWatermark, definition }
}
