import type { Log } from '../core/ports/runtime.ts'

const quietMs = 30_000

/**
 * Listener for the `error` events of queues and workers: an outage makes BullMQ report the same error many times a
 * second, so an equal message is logged once per half minute.
 */
export function createErrorLog(log: Log, facts: object): (error: Error) => void {
  const recent = new Set<string>()
  return (error) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    const text = error.message || code || error.name
    if (recent.has(text)) return
    recent.add(text)
    setTimeout(() => recent.delete(text), quietMs).unref()
    log.warn({ ...facts, error: text, ...(code ? { code } : {}) }, 'queue connection or lock error')
  }
}
