const callbacks = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when the signal is aborted, unless the function that is returned was called before. All callbacks of a signal
 * share one listener: the signal of a job has as many as requests wait.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = callbacks.get(signal)
  const all = known ?? new Set()
  if (known === undefined) {
    callbacks.set(signal, all)
    signal.addEventListener('abort', () => [...all].forEach((each) => void each()), { once: true })
  }
  all.add(callback)
  return () => all.delete(callback)
}
