import type { QueueJobState } from '../ports/job-queue.ts'
import { type Finding, good, warning } from './finding.ts'

/** An unfinished run, with what the queue has of it. */
export interface RunInQueue {
  readonly runId: number
  readonly job: QueueJobState
  /** It has just been stored: somebody is about to tell the queue of it. */
  readonly isNew: boolean
  /** A recovery carries it out itself: it never has a job. */
  readonly isOfRecovery: boolean
  /** The job waits for lines that have all ended: nothing will wake it. */
  readonly isStranded: boolean
  /** Of the lines that should be worked on or waited for. */
  readonly lines: readonly { readonly mappingName: string; readonly job: QueueJobState }[]
}

const MOST_NAMED = 10

/** Whether nothing in the queue will go on with the run, or with a part of it. */
export function isLost({ job, isNew, isStranded, lines }: RunInQueue): boolean {
  if (job !== 'live') return !isNew
  return isStranded || lines.some((line) => line.job !== 'live')
}

/** Runs whose jobs are gone from the queue, whatever else lives in it: each would wait for ever. */
export function judgeRuns(runs: readonly RunInQueue[]): Finding {
  const unfinished = runs.filter(isLost)
  const lost = unfinished.filter(({ isOfRecovery }) => !isOfRecovery)
  const [own] = unfinished.filter(({ isOfRecovery }) => isOfRecovery)
  if (own !== undefined && lost.length === 0)
    return warning(
      'queue',
      'runs',
      `run ${own.runId} is of a recovery that is at work or was interrupted`,
      'Let it end; where it was interrupted: `couplet recover` again (docs/disaster.md).',
    )
  if (lost.length === 0) return good('queue', 'runs', 'all that are unfinished have their jobs')
  const named = lost.slice(0, MOST_NAMED).map(inWords)
  const more = lost.length > MOST_NAMED ? `; and ${lost.length - MOST_NAMED} more` : ''
  return warning(
    'queue',
    'runs',
    `the queue has lost jobs of ${named.join('; ')}${more}`,
    'Look again in a minute; if it stays, let a scheduler run: it enqueues again what is unfinished.',
  )
}

function inWords({ runId, job, isStranded, lines }: RunInQueue): string {
  if (job !== 'live') return `run ${runId}, all of it`
  if (isStranded) return `run ${runId}, which waits for lines that have ended`
  const gone = lines.filter((line) => line.job !== 'live').map(({ mappingName }) => mappingName)
  return `run ${runId}, ${gone.slice(0, MOST_NAMED).join(', ')}`
}
