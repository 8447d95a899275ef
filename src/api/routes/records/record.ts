import type { Deps } from '../../../usecases/deps.ts'
import { readHistory } from '../../../usecases/records/record-history.ts'
import { whyRecord } from '../../../usecases/records/why-record.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/records.ts'
import { getPairId } from '../../pair.ts'
import { assertSeesValues } from '../../sensitive.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { showKey, showOutcome } from '../../views.ts'

/** GET /records/history: what has happened to one pair of records. */
export function getHistory(server: Server, deps: Deps): void {
  serve(server, contract.getHistory, async ({ query, principal }) => {
    const { pair, mapping, key, side = null, limit, before = null } = query
    const address = {
      pairId: await getPairId({ pair, mapping }, principal, deps),
      mapping,
      text: key,
      side,
      limit,
      before,
    }
    const { local, remote, outcomes, ...rest } = await readHistory(address, deps)
    return {
      ...rest,
      local: showKey(local),
      remote: showKey(remote),
      outcomes: outcomes.map(showOutcome),
      next: nextPage(outcomes, limit),
    }
  })
}

/** GET /records/why: why a record is, or is not, in step with its partner. */
export function explainRecord(server: Server, deps: Deps): void {
  serve(server, contract.explainRecord, async ({ query, principal }) => {
    const { pair, mapping, key, side = null } = query
    const address = { pairId: await getPairId({ pair, mapping }, principal, deps), mapping, text: key, side }
    await assertSeesValues(mapping, principal, deps)
    const { local, remote, ...rest } = await whyRecord(address, deps)
    return { ...rest, local: showKey(local), remote: showKey(remote) }
  })
}
