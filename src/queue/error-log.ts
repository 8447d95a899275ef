import type { Log } from '../core/ports/runtime.ts'

const quietMs = 30_000

/**
 * Listener for the `error` events of queues and workers: an outage makes BullMQ report the same error many times a
 * second, so a message is logged once per half minute, whatever numbers it holds.
 */
export function createErrorLog(log: Log, facts: object): (error: Error) => void {
  const recent = new Set<string>()
  return (error) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    const text = error.message || code || error.name
    const kind = text.replace(/\d+/g, '#')
    if (recent.has(kind)) return
    recent.add(kind)
    setTimeout(() => recent.delete(kind), quietMs).unref()
    log.warn({ ...facts, error: text, ...(code ? { code } : {}) }, 'queue connection or lock error')
  }
}
