const graceMs = 1_000

/**
 * Ends the process with this code when everything has been closed: by itself, or a second later by force. BullMQ's
 * workers leave timers and reconnecting sockets behind when the queue server is away, which would keep it for ever.
 */
export function endProcess(code: number): void {
  process.exitCode = code
  setTimeout(() => process.exit(code), graceMs).unref()
}
