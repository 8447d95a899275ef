import type { Config } from '../app/config.ts'
import type { Context } from '../app/context.ts'
import { runService } from '../app/life-cycle.ts'
import { createLog } from '../app/logger.ts'
import { contextParts } from '../app/main.ts'
import { sweeperPart } from '../app/parts.ts'
import { registryPart } from '../app/registry-part.ts'
import { createWatchdog } from '../app/watchdog.ts'
import { type WorkerPart, workerPart } from '../app/worker-part.ts'
import { workerQueues } from '../app/worker-queues.ts'
import { pauseInWords } from '../core/control/pause.ts'
import type { RunDetails } from '../core/ports/run-store.ts'
import { runIsDone } from '../core/sync/run.ts'
import { present } from '../lib/assert.ts'
import { sleep } from '../lib/sleep.ts'
import { findPause } from '../usecases/line/gate.ts'
import { reportError, reportInterruption } from './report-error.ts'
import { createScreen, logOnScreen, type Screen } from './screen.ts'

export interface WorkSession {
  readonly context: Context
  readonly screen: Screen
  /** Aborted by SIGINT and SIGTERM: what has begun is brought to an orderly stop after the work has returned. */
  readonly signal: AbortSignal
}

/**
 * Runs the worker and the sweeper in this process while `work` goes on, so that a command needs no running service.
 * Returns the exit code of the work; 130 when it was stopped before it began.
 */
export async function workInThisProcess(
  config: Config,
  output: { json: boolean; stream: NodeJS.WriteStream },
  work: (session: WorkSession) => Promise<number>,
): Promise<number> {
  const screen = createScreen(output)
  const log = createLog(config, logOnScreen(screen, config))
  let opened: Context | null = null
  let ended = false
  const running: { worker?: WorkerPart } = {}
  const vitals = createWatchdog(config, log).last
  const makers = [
    // Before the worker, and so until after its last page: nobody takes the store away under it.
    (context: Context) => registryPart(context, { roles: ['worker'], running, vitals }),
    (context: Context) => (running.worker = workerPart(context, { queues: workerQueues, schedules: false })),
    // A command lives for moments: what repeats is left to a service.
    (context: Context) => sweeperPart(context, { schedules: false }),
  ]
  const code = await runService({
    parts: contextParts(config, log, makers, (context) => {
      opened = context
    }),
    work: (signal) => {
      ended = true
      return work({ context: present(opened, 'context'), screen, signal })
    },
    shutdownMs: config.shutdownSeconds * 1_000,
    log,
    onError: (error) => {
      ended = true
      return reportError(error, { json: output.json, withStack: config.logLevel === 'debug' })
    },
  })
  return ended ? code : reportInterruption('Stopped before the work had begun.', output)
}

const POLL_MS = 150
/** So often it is asked what a run waits for. */
const ASK_MS = 3_000

/**
 * Shows a run until it is done, or until the session is stopped; returns the state seen last. Says once of each pause that the
 * run waits for its end.
 */
export async function followRun(runId: number, session: WorkSession): Promise<RunDetails> {
  const { deps } = session.context
  const view = session.screen.open()
  const told = new Set<number>()
  let askedMs = deps.clock.monotonicMs()
  try {
    for (;;) {
      const details = await deps.stores.runs.getRun(runId)
      const nowMs = deps.clock.monotonicMs()
      view.show(details, nowMs)
      if (nowMs - askedMs >= ASK_MS) {
        askedMs = nowMs
        await tellPauses(details, told, session)
      }
      if (session.signal.aborted || runIsDone(details.run.state)) return details
      await sleep(POLL_MS, session.signal)
    }
  } finally {
    view.end()
  }
}

async function tellPauses(
  { run, lines }: RunDetails,
  told: Set<number>,
  { context: { deps }, screen }: WorkSession,
): Promise<void> {
  if (runIsDone(run.state)) return
  const pair = await deps.stores.mappings.getPair(run.pairId)
  for (const line of lines.filter(({ state }) => state === 'ready' || state === 'running')) {
    const pause = await findPause({ run, line, pair }, deps)
    if (pause === null || told.has(pause.id)) continue
    told.add(pause.id)
    screen.note(`Run ${run.id} waits. ${pauseInWords(pause)}`)
  }
}
