import type { Log } from '../core/ports/runtime.ts'
import { aborted } from '../lib/aborted.ts'

/** Something a process is made of. Parts are given in the order in which they need each other. */
export interface Part {
  readonly name: string
  /** May give up early when the signal is aborted. A part whose start fails is stopped like the others. */
  start?(signal: AbortSignal): Promise<void>
  /** Takes no new work, finishes or checkpoints what is at hand; what the part needs is there until it has. */
  drain?(): Promise<void>
  /** Closes what the part holds. */
  stop?(): Promise<void>
}

interface Service {
  readonly parts: readonly Part[]
  /** What the process is for, when that comes to an end by itself; its result is the exit code. */
  readonly work?: (signal: AbortSignal) => Promise<number>
  readonly shutdownMs: number
  readonly log: Log
  /** Tells a person why a part did not start or the work failed, and gives the exit code; default: log it, 1. */
  readonly onError?: (error: unknown) => number
}

const finished = 'finished'

/**
 * Starts the parts in order and stops them in reverse order: on SIGTERM or SIGINT (exit code 0), after the work
 * (its code), or after a surprise (1). First everything is drained, all parts at the same time, then everything is stopped,
 * the outside-facing parts before what they use; each step is done even if another one throws. Returns the exit code.
 */
export async function runService(service: Service): Promise<number> {
  const stop = watchForStop(service)
  const started: Part[] = []
  let code = 1
  try {
    code = await startAndWork(service, started, stop.signal)
  } catch (error) {
    code = reportError(service, error)
  }
  stop.request(finished)
  const clean = await shutDown(started.reverse(), service.log)
  stop.forget()
  return stop.surprised() || !clean ? Math.max(code, 1) : code
}

async function startAndWork(service: Service, started: Part[], signal: AbortSignal): Promise<number> {
  for (const part of service.parts) {
    if (signal.aborted) return 0
    started.push(part)
    await part.start?.(signal)
  }
  if (service.work && !signal.aborted) return service.work(signal)
  await aborted(signal)
  return 0
}

function reportError(service: Service, error: unknown): number {
  if (service.onError) return service.onError(error)
  service.log.error({ error }, 'The process ends because of an error')
  return 1
}

/**
 * Drains all of them, begun in this order and at the same time: one that takes its time keeps no other from taking new
 * work. Then stops them one after the other; each step is done even if another one throws. False: one did.
 */
export async function shutDown(parts: readonly Part[], log: Log): Promise<boolean> {
  const take = async (part: Part, step: 'drain' | 'stop') => {
    try {
      await part[step]?.()
      return true
    } catch (error) {
      log.error({ error, part: part.name, step }, 'A part did not stop in order')
      return false
    }
  }
  const results = await Promise.all(parts.map((part) => take(part, 'drain')))
  for (const part of parts) results.push(await take(part, 'stop'))
  return !results.includes(false)
}

/** One Ctrl-C reaches a child of npm twice: from the terminal, and once more from npm. */
const ECHO_MS = 500

/** Listens for signals and surprises; the second signal, or the limit after the first request, ends the process at once. */
function watchForStop({ shutdownMs, log }: Service) {
  const stop = new AbortController()
  // Waiting parts may hold nothing that keeps the event loop busy.
  const keepAlive = setInterval(() => {}, 2 ** 30)
  let surprised = false
  let limit: NodeJS.Timeout | undefined
  const request = (reason: string) => {
    if (stop.signal.aborted) return
    limit = setTimeout(exitAtOnce, shutdownMs, log, `not stopped after ${shutdownMs} ms`).unref()
    log[reason === finished ? 'debug' : 'info']({ reason }, 'Stopping')
    stop.abort()
  }
  let signals: 'none' | 'echo' | 'heard' = 'none'
  const onSignal = (name: string) => {
    if (signals === 'heard') exitAtOnce(log, `${name} during the stop`)
    if (signals === 'echo') return
    signals = 'echo'
    setTimeout(() => {
      signals = 'heard'
    }, ECHO_MS).unref()
    request(name)
  }
  const onSurprise = (error: unknown) => {
    surprised = true
    log.error({ error }, 'Unexpected error')
    request('unexpected error')
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  process.on('uncaughtException', onSurprise).on('unhandledRejection', onSurprise)
  const forget = () => {
    clearInterval(keepAlive)
    clearTimeout(limit)
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
    process.off('uncaughtException', onSurprise).off('unhandledRejection', onSurprise)
  }
  return { signal: stop.signal, request, surprised: () => surprised, forget }
}

function exitAtOnce(log: Log, reason: string): never {
  log.error({ reason }, 'Ending at once')
  process.exit(1)
}
