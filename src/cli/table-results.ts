import pc from 'picocolors'
import type { RunDetails } from '../core/ports/run-store.ts'
import { addCounters, type Counters, zeroCounters } from '../core/sync/outcome.ts'
import type { Job, Line } from '../core/sync/run.ts'
import { indexBy } from '../lib/group.ts'
import { averageRate, elapsedMs, formatCount, formatDuration, formatRate } from './format.ts'
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
type ShownCounter = (typeof shownCounters)[number]

const columns: readonly Column[] = [
  { title: 'mapping' },
  { title: 'direction' },
  ...shownCounters.map((title) => ({ title, align: 'right' as const })),
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
  const rows = jobs.map((job) => jobRow(job, lines.get(job.lineId), colors))
  return renderTable(columns, [...rows, totalRow(details, colors)], colors)
}

function jobRow(job: Job, line: Line | undefined, colors: Colors): readonly string[] {
  const tookMs = elapsedMs(job.startedAt, job.finishedAt)
  return [
    job.mappingName,
    job.direction === 'to' ? 'local → remote' : 'remote → local',
    ...countCells(job.counters, colors),
    formatDuration(tookMs),
    formatRate(averageRate(job.counters.read, tookMs)),
    stateCell(job, line, colors),
  ]
}

function totalRow(details: RunDetails, colors: Colors): readonly string[] {
  const sum = details.jobs.reduce((total, job) => addCounters(total, job.counters), zeroCounters)
  const tookMs = elapsedMs(details.run.startedAt, details.run.finishedAt)
  return [
    colors.bold('total'),
    '',
    ...countCells(sum, colors),
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

function countCells(counters: Counters, colors: Colors): readonly string[] {
  return shownCounters.map((name) => {
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
