const graceMs = 1_000

/**
 * Ends the process with this code when everything has been closed: by itself, or a second later by force. BullMQ's
 * workers leave timers and reconnecting sockets behind when the queue server is away, which would keep it for ever. What
 * has been printed is waited for, however slowly it is read.
 */
export function endProcess(code: number): void {
  process.exitCode = code
  const force = () => {
    if ([process.stdout, process.stderr].some(isPrinting)) setTimeout(force, graceMs).unref()
    else process.exit()
  }
  setTimeout(force, graceMs).unref()
}

/** A reader that has gone away reads no more. */
function isPrinting({ errored, writableLength }: NodeJS.WriteStream): boolean {
  return errored === null && writableLength > 0
}
