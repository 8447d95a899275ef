import { present } from '../lib/assert.ts'
import { announcementsPart } from './announcements-part.ts'
import { type Config, loadConfig } from './config.ts'
import { type Context, openContext } from './context.ts'
import { type Part, runService } from './life-cycle.ts'
import { createLog } from './logger.ts'
import { sweeperPart, workerPart } from './parts.ts'
import { statusPart } from './status-part.ts'

/** What a process is: any of the three roles, and the HTTP server where the caller brings one. */
export interface Roles {
  readonly worker: boolean
  readonly scheduler: boolean
  readonly http: ((context: Context) => Part) | null
}

/** Runs a long-lived process until it is told to stop; returns its exit code. */
export async function runProcess(roles: Roles, config: Config = loadConfig()): Promise<number> {
  const log = createLog(config)
  log.info({ worker: roles.worker, scheduler: roles.scheduler, http: roles.http !== null }, 'Couplet starts')
  const makers: PartMaker[] = []
  if (roles.scheduler) makers.push(sweeperPart, announcementsPart)
  if (roles.worker || roles.scheduler) {
    makers.push((context) => workerPart(context, { lines: roles.worker, schedules: roles.scheduler }))
  }
  if (roles.http) makers.push(roles.http)
  makers.push((context) => statusPart(context, { installation: roles.scheduler || roles.http !== null }))
  return runService({
    parts: contextParts(config, log, makers),
    shutdownMs: config.shutdownSeconds * 1_000,
    log,
  })
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
