import pc from 'picocolors'
import type { RunDetails } from '../core/ports/run-store.ts'
import { addCounters, type Counters, counterNames, zeroCounters } from '../core/sync/outcome.ts'
import { type Job, type Line, type LineState, lineIsDone, type RunKind } from '../core/sync/run.ts'
import { counterTitle, elapsedMs, formatCount, formatDuration, formatRate } from './format.ts'
import { believableEstimate, type Rates } from './progress-rates.ts'
import type { Colors } from './table.ts'

const marks = {
  pending: '·',
  ready: '·',
  running: '▸',
  finished: '✔',
  failed: '✖',
  blocked: '✖',
  cancelled: '–',
} as const satisfies Record<LineState, string>

const runTitles = {
  full: 'Full synchronization',
  modified: 'Synchronization of modified records',
  mapping: 'Synchronization of one mapping',
  records: 'Synchronization of single records',
  couple: 'Coupling',
  uncouple: 'Uncoupling',
  deletions: 'Search for deleted records',
} as const satisfies Record<RunKind, string>

/**
 * What a terminal shows of a run at one moment: a headline and one row per line, none wider than `width` columns.
 * Pure; colours apart, equal input gives equal output.
 */
export function renderFrame(
  details: RunDetails,
  rates: Rates,
  width: number,
  colors: Colors = pc,
): readonly string[] {
  const nameWidth = Math.max(0, ...details.lines.map((line) => line.mappingName.length))
  const rows = details.lines.map((line) => {
    const clean = !hasProblems(details, line)
    const mark = line.state === 'finished' && !clean ? '!' : marks[line.state]
    const text = `${mark} ${line.mappingName.padEnd(nameWidth)}  ${lineText(details, line, rates)}`
    return paint(line, clean, cut(text, width), colors)
  })
  return [colors.bold(cut(headline(details), width)), ...rows]
}

/** What there is to say about a line now, without its name: also used for plain output. */
export function lineText(details: RunDetails, line: Line, rates: Rates): string {
  const jobs = details.jobs.filter((job) => job.lineId === line.id)
  if (line.state === 'pending') return `waits for ${waitsFor(details, line)}`
  if (line.state === 'ready') return 'ready to start'
  if (line.state === 'blocked') return `blocked by ${line.blockedBy.join(', ')}`
  if (line.state === 'running') return runningText(jobs, rates)
  return [line.state === 'finished' ? null : endText(line), countersText(jobs), tookText(line)]
    .filter((part) => part !== null)
    .join('  ')
}

function headline({ run, lines }: RunDetails): string {
  const done = lines.filter((line) => lineIsDone(line.state)).length
  const state = run.state.replaceAll('-', ' ')
  const title = run.options.dryRun ? `Preview: ${runTitles[run.kind].toLowerCase()}` : runTitles[run.kind]
  return `${title}, run ${run.id}: ${state}, ${done} of ${lines.length} mappings`
}

function waitsFor(details: RunDetails, line: Line): string {
  const names = details.lines
    .filter((other) => line.dependsOn.includes(other.id) && !lineIsDone(other.state))
    .map((other) => other.mappingName)
  return names.length > 0 ? names.join(', ') : 'its turn'
}

function runningText(jobs: readonly Job[], rates: Rates): string {
  const job = jobs.find((candidate) => candidate.state === 'running')
  if (!job) return 'starting'
  const rate = rates.get(job.id)
  const parts = [
    `${job.direction === 'to' ? '→ remote' : '→ local '} ${bar(job)}${amount(job)}`,
    formatRate(rate?.perSecond ?? null),
    rate?.remainingMs == null ? null : `${formatDuration(rate.remainingMs)} left`,
    countersText(jobs),
  ]
  return parts.filter((part) => part !== null && part !== '').join('  ')
}

const barWidth = 10

function bar(job: Job): string {
  const estimate = believableEstimate(job)
  if (estimate === null) return ''
  const filled = Math.round((job.counters.read / estimate) * barWidth)
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} `
}

function amount(job: Job): string {
  const read = formatCount(job.counters.read)
  const estimate = believableEstimate(job)
  return estimate === null ? `${read} read` : `${read} of ${formatCount(estimate)}`
}

function countersText(jobs: readonly Job[]): string {
  const sum: Counters = jobs.reduce((total, job) => addCounters(total, job.counters), zeroCounters)
  const parts = counterNames
    .filter((name) => sum[name] > 0)
    .map((name) => `${formatCount(sum[name])} ${counterTitle(name)}`)
  return parts.length > 0 ? parts.join(', ') : 'no records'
}

function endText(line: Line): string {
  return line.error ? `${line.state}: ${line.error.code} ${line.error.message}` : line.state
}

function tookText(line: Line): string | null {
  const ms = elapsedMs(line.startedAt, line.finishedAt)
  return ms === null ? null : formatDuration(ms)
}

function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Finished is not the same as good: records may have been left behind. */
function hasProblems(details: RunDetails, line: Line): boolean {
  return details.jobs.some(
    (job) => job.lineId === line.id && job.counters.failed + job.counters.conflict + job.counters.waiting > 0,
  )
}

function paint(line: Line, clean: boolean, text: string, colors: Colors): string {
  if (line.state === 'failed' || line.state === 'blocked') return colors.red(text)
  if (line.state === 'running') return colors.cyan(text)
  if (line.state === 'finished') return clean ? colors.green(text) : colors.yellow(text)
  return colors.dim(text)
}
