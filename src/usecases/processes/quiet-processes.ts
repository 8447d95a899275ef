import { SyncError } from '../../core/errors.ts'
import { isSilent, type KnownProcess, type ProcessStore } from '../../core/ports/process-store.ts'

interface QuietRequest {
  /** Process id, or the beginning of one (a host, a host and a process number); null: all that take work. */
  readonly which: string | null
  /** False: they may take work again. */
  readonly isToBeQuiet: boolean
  readonly by: string
  readonly reason: string | null
}

/**
 * Tells workers to finish what they have begun and take nothing new, or to go on; they hear of it within seconds. Returns
 * their ids. Throws PROCESS_UNKNOWN where there is none of that name.
 */
export async function quietProcesses(
  { which, isToBeQuiet, by, reason }: QuietRequest,
  processes: ProcessStore,
): Promise<readonly string[]> {
  const meant = (await processes.listProcesses()).filter(
    ({ id, roles }) => (which === null && roles.includes('worker')) || isNamed(id, which),
  )
  const found = await processes.setQuiet(
    meant.map(({ id }) => id),
    isToBeQuiet,
    { by, reason },
  )
  if (found.length > 0 || which === null) return found
  throw new SyncError('PROCESS_UNKNOWN', `There is no process ${which}`, { data: { process: which } })
}

/** A whole id, or its first parts: a host, a host and a process number. */
function isNamed(id: string, which: string | null): boolean {
  return which !== null && (id === which || id.startsWith(`${which}/`))
}

/** How a process fares, in one word. */
export function stateOf(process: Pick<KnownProcess, 'state' | 'seenMsAgo'>): string {
  return isSilent(process) ? 'silent' : process.state
}
