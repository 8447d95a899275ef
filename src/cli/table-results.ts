import pc from 'picocolors'
import type { RunDetails } from '../core/ports/run-store.ts'
import { addCounters, type Counters, type DetailName, zeroCounters } from '../core/sync/outcome.ts'
import type { Job, Line } from '../core/sync/run.ts'
import { indexBy } from '../lib/group.ts'
import { averageRate, counterTitle, elapsedMs, formatCount, formatDuration, formatRate } from './format.ts'
import { type Colors, type Column, renderTable } from './table.ts'

const shownCounters = [
  'read',
  'inserted',
  'modified',
  'coupled',
  'unchanged',
  'skipped',
  'waiting',
  'conflict',
  'failed',
] as const satisfies readonly (keyof Counters)[]
/** Seldom of interest, but `read` is the sum of all: shown where there are any. */
const rareCounters = [
  'deleted',
  'uncoupled',
  'ignored',
  'notCoupled',
] as const satisfies readonly (keyof Counters)[]
type ShownCounter = (typeof shownCounters)[number] | (typeof rareCounters)[number]

const columnsOf = (shown: readonly ShownCounter[]): readonly Column[] => [
  { title: 'mapping' },
  { title: 'direction' },
  ...shown.map((name) => ({ title: counterTitle(name), align: 'right' as const })),
  { title: 'time', align: 'right' },
  { title: 'records', align: 'right' },
  { title: 'state' },
]

/**
 * The result of a run: one row per mapping and direction in the order of the lines, and their sum. Lines that never
 * got a job stand there too, with the reason.
 */
export function renderResultTable(details: RunDetails, colors: Colors = pc): string {
  const lines = indexBy(details.lines, (line) => line.id)
  const position = (job: Job): number => lines.get(job.lineId)?.position ?? 0
  const jobs = [...details.jobs].sort((a, b) => position(a) - position(b) || a.id - b.id)
  const sum = sumOf(details)
  const shown = [...shownCounters, ...rareCounters.filter((name) => sum[name] > 0)]
  const rows = jobs.map((job) => jobRow(job, lines.get(job.lineId), shown, colors))
  return renderTable(columnsOf(shown), [...rows, totalRow(details, sum, shown, colors)], colors)
}

function jobRow(
  job: Job,
  line: Line | undefined,
  shown: readonly ShownCounter[],
  colors: Colors,
): readonly string[] {
  const tookMs = elapsedMs(job.startedAt, job.finishedAt)
  return [
    job.mappingName,
    job.direction === 'to' ? 'local → remote' : 'remote → local',
    ...countCells(job.counters, shown, colors),
    formatDuration(tookMs),
    formatRate(averageRate(job.counters.read, tookMs)),
    stateCell(job, line, colors),
  ]
}

/** What all jobs of a run have counted. */
export function sumOf({ jobs }: RunDetails): Counters {
  return jobs.reduce((total, job) => addCounters(total, job.counters), zeroCounters)
}

const parts: readonly (readonly [DetailName, string])[] = [
  ['failedTransient', 'failed, tried again by itself'],
  ['failedPermanent', 'failed until something changes'],
  ['failedConfig', 'failed by a setting'],
  ['newlySkipped', 'newly skipped'],
  ['duplicatesPrevented', 'duplicates prevented'],
]

/** The parts of the counters that are told apart, as one line; empty when there are none. */
export function describeParts(sum: Counters): string {
  const shown = parts.filter(([name]) => sum[name] > 0)
  return shown.length === 0
    ? ''
    : `of these: ${shown.map(([name, title]) => `${formatCount(sum[name])} ${title}`).join(', ')}`
}

function totalRow(
  details: RunDetails,
  sum: Counters,
  shown: readonly ShownCounter[],
  colors: Colors,
): readonly string[] {
  const tookMs = elapsedMs(details.run.startedAt, details.run.finishedAt)
  return [
    colors.bold('total'),
    '',
    ...countCells(sum, shown, colors),
    formatDuration(tookMs),
    formatRate(averageRate(sum.read, tookMs)),
    '',
  ]
}

const counterColor: Partial<Record<ShownCounter, keyof Colors>> = {
  inserted: 'green',
  modified: 'green',
  coupled: 'green',
  skipped: 'yellow',
  waiting: 'yellow',
  conflict: 'red',
  failed: 'red',
}

function countCells(counters: Counters, shown: readonly ShownCounter[], colors: Colors): readonly string[] {
  return shown.map((name) => {
    const color = counterColor[name]
    if (counters[name] === 0) return colors.dim('0')
    return color ? colors[color](formatCount(counters[name])) : formatCount(counters[name])
  })
}

function stateCell(job: Job, line: Line | undefined, colors: Colors): string {
  if (line?.state === 'blocked') return colors.red(`blocked by ${line.blockedBy.join(', ')}`)
  const state = job.state.replaceAll('-', ' ')
  if (job.error) return colors.red(`${state}: ${job.error.code}`)
  if (job.state === 'succeeded-with-failures') return colors.yellow('with failures')
  return job.state === 'succeeded' ? colors.green('ok') : state
}
