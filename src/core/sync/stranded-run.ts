import type { QueueJobState } from '../ports/job-queue.ts'
import type { QueueView } from '../ports/run-store.ts'
import { type Line, lineIsDone } from './run.ts'

/** A look at an unfinished run whose parent job lives, in the order in which the facts have to be read. */
export interface LookAtParent {
  /** As the store has it. */
  readonly before: QueueView
  /** The jobs of these lines, after that. */
  readonly jobs: readonly QueueJobState[]
  /** Whether the parent waits for its lines, after that. */
  readonly isParked: boolean
  /** As the store has it in the end. */
  readonly after: QueueView
}

/**
 * Whether the parent waits for jobs that have vanished from the queue (P10): all its lines have ended, and none has a
 * job that could wake it. The job of a line that ends leaves the queue and wakes its parent in one step: a parent that
 * waits after no job was left has been forgotten. Unless it ran meanwhile and waits for lines of its own making: those
 * show in the store, where lines are written before they are enqueued. Pure.
 */
export function isStranded({ before, jobs, isParked, after }: LookAtParent): boolean {
  if (!isParked || jobs.includes('live')) return false
  const isDone = [...before.lines, ...after.lines].every(({ state }) => lineIsDone(state))
  return isDone && jobIds(before) === jobIds(after)
}

/** What the queue calls the run and its lines, in the order of their ids. */
function jobIds({ run, lines }: QueueView): string {
  const ids = ({ id, generation }: Pick<Line, 'id' | 'generation'>) => `${id}.${generation}`
  return [ids(run), ...[...lines].sort((a, b) => a.id - b.id).map(ids)].join(' ')
}
