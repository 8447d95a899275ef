import { SyncError } from '../../../core/errors.ts'
import type { Deps } from '../../../usecases/deps.ts'
import type { RecordAddress } from '../../../usecases/records/locate-record.ts'
import { readHistory } from '../../../usecases/records/record-history.ts'
import { whyRecord } from '../../../usecases/records/why-record.ts'
import { nextPage } from '../../contract/inputs.ts'
import * as contract from '../../contract/records.ts'
import { whenGone } from '../../gone.ts'
import { getPairId } from '../../pair.ts'
import { assertSeesValues } from '../../sensitive.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { createTurns } from '../../turns.ts'
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

/** Each look reads both systems, out of the budget that the synchronization needs: few at once in a process. */
const LOOKS_AT_ONCE = 4
const LOOKS_WAITING = 50
const LOOK_MS = 60_000

/** GET /records/why: why a record is, or is not, in step with its partner. Who hangs up asks the systems no further. */
export function explainRecord(server: Server, deps: Deps): void {
  const inTurn = createTurns(LOOKS_AT_ONCE, LOOKS_WAITING, 'Too many records are looked at at this moment')
  serve(server, contract.explainRecord, async ({ query, principal }, reply) => {
    const { pair, mapping, key, side = null } = query
    const address = { pairId: await getPairId({ pair, mapping }, principal, deps), mapping, text: key, side }
    await assertSeesValues(mapping, principal, deps)
    const gone = whenGone(reply)
    const look = async () => {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(LOOK_MS)])
      return whyRecord(address, deps, signal).catch((error: unknown) => {
        throw signal.aborted ? givenUp(address, error) : error
      })
    }
    const { local, remote, ...rest } = await inTurn(look)
    return { ...rest, local: showKey(local), remote: showKey(remote) }
  })
}

function givenUp({ mapping, text }: RecordAddress, cause: unknown): SyncError {
  const message = `The systems of mapping ${mapping} did not say within ${LOOK_MS / 1_000} s what they have of ${text}`
  return new SyncError('ANSWER_TIMEOUT', message, { cause })
}
