import type { Deps } from '../../../usecases/deps.ts'
import * as contract from '../../contract/records.ts'
import { getPairId } from '../../pair.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showCoupling } from '../../views.ts'

/** GET /couplings: those of one mapping, in the order of their local references. */
export function listCouplings(server: Server, deps: Deps): void {
  serve(server, contract.listCouplings, async ({ query, principal }) => {
    const { pair, mapping: name, limit, after = null, local = null } = query
    const pairId = await getPairId({ pair, mapping: name }, principal, deps)
    const mapping = await deps.stores.mappings.getMapping(pairId, name)
    const page = { mappingId: mapping.id, limit, after, startsWith: local }
    const { couplings, next } = await deps.stores.operations.listCoupled(page)
    return { couplings: couplings.map((each) => showCoupling(each, name)), next }
  })
}
