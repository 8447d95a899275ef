import { existsSync, readFileSync } from 'node:fs'

const hasProc = existsSync('/proc/self/stat')

interface LivingProcess {
  /** Differs from that of any other process that had or will have the same pid. */
  readonly identity: string
  /** Name of its program, or null where the system does not tell. */
  readonly program: string | null
}

/** The process with this pid, or null when there is none (one that has ended and was not collected counts as none). */
export function livingProcess(pid: number): LivingProcess | null {
  if (!hasProc) return isAlive(pid) ? { identity: `${pid}-0`, program: null } : null
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in parentheses and may hold anything; state is the first field after it, start time the 20th.
    const nameEnd = stat.lastIndexOf(')')
    const fields = stat.slice(nameEnd + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return { identity: `${pid}-${fields[19]}`, program: stat.slice(stat.indexOf('(') + 1, nameEnd) }
  } catch {
    return null
  }
}

/** Words of the command line; empty where the system does not tell. */
export function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
