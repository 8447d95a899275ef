import pc from 'picocolors'
import type { RunDetails } from '../core/ports/run-store.ts'
import type { Job } from '../core/sync/run.ts'
import { type CostStep, costSteps, type StepCosts } from '../core/sync/step-costs.ts'
import { formatCount } from './format.ts'
import { formatDirection } from './output.ts'
import { type Colors, renderTable } from './table.ts'

const columns = [
  { title: 'mapping' },
  { title: 'direction' },
  ...costSteps.map((title) => ({ title, align: 'right' as const })),
]

/** Where the time of each job went: milliseconds, and in brackets requests or statements. Steps overlap. */
export function renderTimingTable({ jobs }: RunDetails, colors: Colors = pc): string {
  const measured = jobs.flatMap((job) => (job.stepCosts ? [row(job, job.stepCosts)] : []))
  return measured.length === 0
    ? 'No job of this run has been measured.'
    : renderTable(columns, measured, colors)
}

function row(job: Job, costs: StepCosts): readonly string[] {
  return [job.mappingName, formatDirection(job.direction), ...costSteps.map((step) => cell(costs, step))]
}

function cell(costs: StepCosts, step: CostStep): string {
  const { ms, requests } = costs[step]
  const time = `${formatCount(ms)} ms`
  return requests === 0 ? time : `${time} (${formatCount(requests)})`
}
