import type { Processors } from '../core/jobs/catalog.ts'
import { runOperation } from '../usecases/bulk/work-operation.ts'
import type { Deps } from '../usecases/deps.ts'
import { runParent } from '../usecases/flow/run-parent.ts'
import { runLine } from '../usecases/line/run-line.ts'
import { runSlot } from '../usecases/schedules/run-slot.ts'

/** Job kind → use case. */
export function createProcessors(deps: Deps): Processors {
  return {
    'full-sync': (payload, context) => runParent(payload, context, deps),
    'sync-line': (payload, context) => runLine(payload, context, deps),
    'bulk-operation': (payload, context) => runOperation(payload, context, deps),
    'schedule-slot': (payload, context) => runSlot(payload, context, deps),
  }
}
