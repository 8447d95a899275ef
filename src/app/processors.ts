import type { Processors } from '../core/jobs/catalog.ts'
import { runOperation } from '../usecases/bulk/work-operation.ts'
import type { Deps } from '../usecases/deps.ts'
import { runParent } from '../usecases/flow/run-parent.ts'
import { createRequestPace } from '../usecases/line/request-pace.ts'
import { runLine } from '../usecases/line/run-line.ts'
import { runSlot } from '../usecases/schedules/run-slot.ts'

/** Job kind → use case, for one process. */
export function createProcessors(deps: Deps): Processors {
  const pace = createRequestPace(deps.clock)
  return {
    'full-sync': (payload, context) => runParent(payload, context, deps),
    'sync-line': (payload, context) => runLine(payload, context, deps, pace),
    'bulk-operation': (payload, context) => runOperation(payload, context, deps),
    'schedule-slot': (payload, context) => runSlot(payload, context, deps),
  }
}
