import type { Processors } from '../core/jobs/catalog.ts'
import { runOperation } from '../usecases/bulk/work-operation.ts'
import type { Deps } from '../usecases/deps.ts'
import { runParent } from '../usecases/flow/run-parent.ts'
import { createRequestPace } from '../usecases/line/request-pace.ts'
import { runLine } from '../usecases/line/run-line.ts'
import { runSlot } from '../usecases/schedules/run-slot.ts'
import type { Connections } from './kept-connections.ts'

/** Job kind → use case, for one process. What a job connects to stays open for it. */
export function createProcessors(deps: Deps, holdFor: Connections['holdFor']): Processors {
  const pace = createRequestPace(deps.clock)
  return {
    'full-sync': (payload, context) => holdFor(() => runParent(payload, context, deps)),
    'sync-line': (payload, context) => holdFor(() => runLine(payload, context, deps, pace)),
    'bulk-operation': (payload, context) => holdFor(() => runOperation(payload, context, deps)),
    'schedule-slot': (payload, context) => holdFor(() => runSlot(payload, context, deps)),
  }
}
