import type { Context } from '../../app/context.ts'
import type { Deps } from '../../usecases/deps.ts'
import { serveDocument } from '../open-api.ts'
import { hideFromViewers } from '../sensitive.ts'
import type { Server } from '../server-type.ts'
import { changeKeys } from './access/keys.ts'
import { changeSessions } from './access/sessions.ts'
import { changeBlackouts } from './control/blackouts.ts'
import { listAudit } from './control/list-audit.ts'
import { changePauses, listPauses } from './control/pauses.ts'
import { actOnSchedules, listSchedules, saveSchedules } from './control/schedules.ts'
import { countIssues, getIssue, listIssues } from './issues/list-issues.ts'
import { resolveConflict, resolveDeletion } from './issues/resolve.ts'
import {
  cancelOperation,
  getOperation,
  listOperationRecords,
  listOperations,
} from './operations/operation.ts'
import { countOperation, startOperation } from './operations/start-operation.ts'
import { listCouplings } from './records/list-couplings.ts'
import { explainRecord, getHistory } from './records/record.ts'
import { answerRun } from './runs/answer-run.ts'
import { cancelRun } from './runs/cancel-run.ts'
import { followRun } from './runs/follow-run.ts'
import { getRun } from './runs/get-run.ts'
import { answerHeldDeletions, getHeldDeletions } from './runs/held-deletions.ts'
import { listJobs } from './runs/list-jobs.ts'
import { listOutcomes, listOutcomesOfRun } from './runs/list-outcomes.ts'
import { listRuns } from './runs/list-runs.ts'
import { retryRun } from './runs/retry-run.ts'
import { startRun } from './runs/start-run.ts'
import { changeMappings, enableMappings } from './set-up/change-mappings.ts'
import { changeConnections, tryConnections } from './set-up/connections.ts'
import { readMappings } from './set-up/read-mappings.ts'
import { listPairs } from './set-up/set-up.ts'
import { serveDeliveries } from './webhooks/deliveries.ts'
import { changeWebhooks, operateWebhooks } from './webhooks/webhooks.ts'

/** Every route below `/api/v1`, one line each. */
const routes: readonly ((server: Server, deps: Deps, context: Context) => void)[] = [
  serveDocument,
  listRuns,
  startRun,
  getRun,
  followRun,
  cancelRun,
  retryRun,
  answerRun,
  getHeldDeletions,
  answerHeldDeletions,
  listOutcomesOfRun,
  listOutcomes,
  listJobs,
  listIssues,
  countIssues,
  getIssue,
  resolveConflict,
  resolveDeletion,
  countOperation,
  startOperation,
  listOperations,
  getOperation,
  listOperationRecords,
  cancelOperation,
  listCouplings,
  getHistory,
  explainRecord,
  listPairs,
  changeConnections,
  tryConnections,
  readMappings,
  changeMappings,
  enableMappings,
  listSchedules,
  saveSchedules,
  actOnSchedules,
  changeBlackouts,
  listPauses,
  changePauses,
  listAudit,
  changeKeys,
  changeSessions,
  changeWebhooks,
  operateWebhooks,
  serveDeliveries,
]

export function addApiRoutes(server: Server, context: Context): void {
  hideFromViewers(server, context.deps)
  for (const add of routes) add(server, context.deps, context)
}
