import { type ProcessRole, processRoles } from '../core/ports/process-store.ts'
import { present } from '../lib/assert.ts'
import { alertsPart, standInPart } from './alerts/alerts-part.ts'
import { announcementsPart } from './announcements-part.ts'
import { changeLinesPart } from './change-lines-part.ts'
import { type Config, loadConfig } from './config.ts'
import { type Context, openContext } from './context.ts'
import { type LeaderPart, leaderPart } from './leader-part.ts'
import { type Part, runService } from './life-cycle.ts'
import { createLog } from './logger.ts'
import { sweeperPart } from './parts.ts'
import { registryPart } from './registry-part.ts'
import { retentionPart } from './retention-part.ts'
import { statusPart } from './status-part.ts'
import { createWatchdog } from './watchdog.ts'
import { webhooksPart } from './webhooks/webhooks-part.ts'
import { type WorkerPart, workerPart } from './worker-part.ts'
import { type WorkerQueue, workerQueues } from './worker-queues.ts'

/** What a process is: any of the three roles, and the HTTP server where the caller brings one. */
export interface Roles {
  readonly worker: boolean
  /** What a worker takes; left out: everything. */
  readonly queues?: readonly WorkerQueue[]
  readonly scheduler: boolean
  readonly http: ((context: Context) => Part) | null
}

/** Runs a long-lived process until it is told to stop; returns its exit code. */
export async function runProcess(roles: Roles, config: Config = loadConfig()): Promise<number> {
  const log = createLog(config)
  log.info({ worker: roles.worker, scheduler: roles.scheduler, http: roles.http !== null }, 'Couplet starts')
  const watchdog = createWatchdog(config, log)
  const running: { leader?: LeaderPart; worker?: WorkerPart } = {}
  const makers: PartMaker[] = []
  // What only one scheduler does; its parts are harmless where two do it for a moment.
  if (roles.scheduler)
    makers.push(
      (context) =>
        (running.leader = leaderPart(context, [
          (each) => sweeperPart(each, { schedules: true }),
          announcementsPart,
          changeLinesPart,
          alertsPart,
          webhooksPart,
          retentionPart,
        ])),
    )
  else makers.push(standInPart)
  if (roles.worker || roles.scheduler) {
    const queues = roles.worker ? (roles.queues ?? workerQueues) : []
    makers.push((context) => (running.worker = workerPart(context, { queues, schedules: roles.scheduler })))
  }
  if (roles.http) makers.push(roles.http)
  makers.push((context) => registryPart(context, { roles: namesOf(roles), running, vitals: watchdog.last }))
  makers.push((context) => statusPart(context, { installation: roles.scheduler || roles.http !== null }))
  return runService({
    parts: contextParts(config, log, makers),
    work: (signal) => watchdog.watch(signal),
    shutdownMs: config.shutdownSeconds * 1_000,
    log,
  })
}

function namesOf({ worker, scheduler, http }: Roles): readonly ProcessRole[] {
  const has = { worker, scheduler, api: http !== null }
  return processRoles.filter((role) => has[role])
}

type PartMaker = (context: Context) => Part

/**
 * The context as the first part of a service, and the parts that live on it: opened by the service's start and closed
 * by its stop, so that a signal during the start leaves nothing behind, not even the embedded server.
 */
export function contextParts(
  config: Config,
  log: Context['log'],
  makers: readonly PartMaker[],
  onOpen: (context: Context) => void = () => {},
): readonly Part[] {
  let context: Context | null = null
  const first: Part = {
    name: 'context',
    async start() {
      context = await openContext(config, log)
      onOpen(context)
    },
    stop: async () => context?.close(),
  }
  return [first, ...makers.map((make) => deferred(() => make(present(context, 'context'))))]
}

function deferred(make: () => Part): Part {
  let part: Part | null = null
  return {
    name: 'part',
    start: async (signal) => {
      part = make()
      await part.start?.(signal)
    },
    drain: async () => part?.drain?.(),
    stop: async () => part?.stop?.(),
  }
}
