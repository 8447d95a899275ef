import type { BulkOperation } from '../bulk/operation.ts'
import type { Schedule } from '../schedules/schedule.ts'
import type { Line, Run } from '../sync/run.ts'

/** State of a queue job as the sweeper needs it: `live` will still run by itself, `dead` is over. The job of a line that is done leaves the queue: `missing`. */
export type QueueJobState = 'live' | 'dead' | 'missing'

/** The queue as the layers above see it: transport only, everything it holds can be rebuilt from the store (P1). */
export interface JobQueue {
  /** Adds the parent job of the run with its ready lines as children. Ids: `run-<id>.<generation>`, `line-<id>.<generation>`. */
  addRun(run: Run, readyLines: readonly Line[]): Promise<void>
  /** Adds further lines below the run's parent; throws QUEUE_PARENT_MISSING when the parent is not there. */
  addLines(run: Run, lines: readonly Line[]): Promise<void>
  runState(run: Run): Promise<QueueJobState>
  /** Whether the run's parent is there and only the end of one of its lines' jobs will make it run. */
  isParked(run: Run): Promise<boolean>
  lineState(line: Line): Promise<QueueJobState>
  /** Adds the job of an operation, `operation-<id>.<generation>`. */
  addOperation(operation: Pick<BulkOperation, 'id' | 'generation'>): Promise<void>
  operationState(operation: Pick<BulkOperation, 'id' | 'generation'>): Promise<QueueJobState>
  /** Makes the recurring jobs in the queue equal to the schedules: adds, changes, removes. */
  reconcileSchedules(schedules: readonly Schedule[]): Promise<void>
  /** Throws QUEUE_UNAVAILABLE with the variable and host named. */
  check(): Promise<void>
  close(): Promise<void>
}
