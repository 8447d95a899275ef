import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Vitals } from '../core/jobs/vitals.ts'
import type { ProcessReport, ProcessRole, ProcessState } from '../core/ports/process-store.ts'
import { sleep } from '../lib/sleep.ts'
import type { Context } from './context.ts'
import type { LeaderPart } from './leader-part.ts'
import type { Part } from './life-cycle.ts'
import { packageVersion } from './package-root.ts'
import type { WorkerPart } from './worker-part.ts'

const EVERY_MS = 3_000

interface Registered {
  readonly roles: readonly ProcessRole[]
  /** The parts that are there when this one starts. */
  readonly running: { readonly leader?: LeaderPart; readonly worker?: WorkerPart }
  readonly vitals: () => Vitals
}

/**
 * Makes the process known: who it is, what it does, how it fares. Takes nothing new while somebody wants it to be quiet
 * (`couplet workers quiet`), and for the rest of its life after SIGUSR2. A store that is away is told later.
 */
export function registryPart(context: Context, { roles, running, vitals }: Registered): Part {
  const { care, log } = context
  const stopping = new AbortController()
  const version = packageVersion()
  const id = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  let wasSignalled = false
  let isQuiet = false
  let isStopping = false
  let loop: Promise<void> = Promise.resolve()

  const report = (state: ProcessState): ProcessReport => ({
    id,
    host: hostname(),
    pid: process.pid,
    version,
    roles,
    concurrency: running.worker?.concurrency ?? {},
    state,
    isLeader: running.leader?.isLeader() ?? false,
    work: running.worker?.work() ?? [],
    now: context.deps.clock.now().toISOString(),
    ...vitals(),
  })

  const state = (): ProcessState => (isStopping ? 'stopping' : isQuiet ? 'quiet' : 'working')

  async function tell(): Promise<void> {
    try {
      const { isToBeQuiet } = await care.processes.report(report(state()))
      if (!isStopping) await setQuiet(isToBeQuiet || wasSignalled)
    } catch (error) {
      log.warn({ err: error }, 'The process could not give a sign of life; it tries again')
    }
  }

  async function setQuiet(wanted: boolean): Promise<void> {
    if (wanted === isQuiet) return
    isQuiet = wanted
    log.info({ quiet: wanted }, wanted ? 'The process takes nothing new' : 'The process takes work again')
    await running.worker?.setQuiet(wanted)
  }

  async function tellUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tell()
      await sleep(EVERY_MS, stopping.signal)
    }
  }

  const onSignal = () => {
    wasSignalled = true
    setQuiet(true).catch((error: unknown) => log.warn({ err: error }, 'The process did not become quiet'))
  }

  return {
    name: 'registry',
    async start() {
      process.on('SIGUSR2', onSignal)
      loop = tellUntilStopped()
    },
    async drain() {
      process.off('SIGUSR2', onSignal)
      isStopping = true
      await tell()
    },
    async stop() {
      stopping.abort()
      await loop
      await care.processes.forget(id)
    },
  }
}
