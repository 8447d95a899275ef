import pc from 'picocolors'
import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { DemoProblem } from '../../demo/problems.ts'
import type { DemoContents } from '../../demo/seed.ts'
import { formatCount } from '../format.ts'
import { formatDirection, formatState } from '../output.ts'
import { renderTable } from '../table.ts'
import { renderResultTable } from '../table-results.ts'
import { type Check, issuesOf } from './checks.ts'

/** Where the demo tells what it does; says nothing when a program reads. */
export type Say = (text: string) => void

export function showContents(
  { local, remote }: DemoContents,
  sides: { readonly local: string; readonly remote: string },
  say: Say,
): void {
  const text = (tables: Readonly<Record<string, number>>) =>
    Object.entries(tables)
      .map(([table, count]) => `${formatCount(count)} ${table}`)
      .join(', ')
  const width = Math.max(sides.local.length, sides.remote.length) + 1
  say(`${`${sides.local}:`.padEnd(width)}  ${text(local)}`)
  say(`${`${sides.remote}:`.padEnd(width)}  ${text(remote)}`)
}

export function showResults(details: RunDetails, say: Say): void {
  say(`\n${renderResultTable(details)}`)
}

/** Each deliberate problem, what Couplet says about its records, and what a person does about it. */
export function showProblems(problems: readonly DemoProblem[], issues: readonly Issue[], say: Say): void {
  const rows = problems.map((problem) => {
    const [first] = issuesOf(problem, issues)
    return [
      problem.title,
      formatCount(problem.records.length),
      problem.mapping,
      formatDirection(problem.direction),
      first ? formatState(first.kind) : pc.red('not found'),
      first?.code ?? '',
    ]
  })
  const titles = ['what is wrong', 'records', 'mapping', 'direction', 'outcome', 'code']
  say(
    renderTable(
      titles.map((title) => ({ title })),
      rows,
    ),
  )
  const [example] = problems.flatMap((problem) => issuesOf(problem, issues))
  if (example) say(`\nFor example: ${example.message}`)
}

/** What was checked and held is said in one line; what did not hold, one by one. */
export function showChecks(checks: readonly Check[], say: Say): void {
  const broken = checks.filter((each) => !each.ok)
  say('')
  if (broken.length === 0) {
    const [only] = checks.length === 1 ? checks : []
    say(pc.green(only ? `✔ ${only.what}: ${only.found}` : `✔ ${checks.length} checks: all as expected`))
  }
  for (const { what, found } of broken) say(pc.red(`✖ ${what}: ${found}`))
}
