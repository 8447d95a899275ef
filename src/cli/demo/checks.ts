import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { addCounters, type Counters, zeroCounters } from '../../core/sync/outcome.ts'
import { displayKey } from '../../core/values/key.ts'
import type { EditReport } from '../../demo/edits.ts'
import type { ExpectedJob } from '../../demo/expected.ts'
import type { DemoProblem } from '../../demo/problems.ts'
import type { TableSnapshot } from '../../demo/snapshot.ts'

/** One thing that must be true after a step of the demo, and what was found. */
export interface Check {
  readonly what: string
  readonly ok: boolean
  readonly found: string
}

function check(what: string, wanted: string | number, found: string | number): Check {
  const ok = wanted === found
  return { what, ok, found: ok ? String(found) : `${found} instead of ${wanted}` }
}

/** Every record was created, matched, or stayed behind, as the data demands. */
export function checkFirstRun(expected: readonly ExpectedJob[], details: RunDetails): readonly Check[] {
  return expected.map(({ mapping, direction, inserted, matched }) => {
    const counters = countersOf(details, mapping, direction)
    const text = (created: number, found: number) => `${created} created, ${found} matched`
    const name = `${mapping} ${direction === 'to' ? 'to remote' : 'to local'}`
    return check(name, text(inserted, matched), text(counters.inserted, counters.coupled))
  })
}

/** Each deliberate problem was found at exactly its records, and nothing else went wrong. */
export function checkProblems(problems: readonly DemoProblem[], issues: readonly Issue[]): readonly Check[] {
  const deliberate = problems.reduce((sum, problem) => sum + problem.records.length, 0)
  return [
    ...problems.map((problem) =>
      check(problem.title, problem.records.length, issuesOf(problem, issues).length),
    ),
    check('Problems that are not deliberate', 0, issues.length - deliberate),
  ]
}

/** What Couplet says about the records of a deliberate problem. */
export function issuesOf(problem: DemoProblem, issues: readonly Issue[]): readonly Issue[] {
  const keys = new Set(problem.records.map((record) => record.key))
  return issues.filter(
    ({ mappingName, direction, kind, code, field, key }) =>
      mappingName === problem.mapping &&
      direction === problem.direction &&
      kind === problem.outcome &&
      code === problem.code &&
      field === problem.field &&
      keys.has(displayKey(key)),
  )
}

/** No table of either side was written, not even with what it held already. */
export function checkNothingWritten(
  what: string,
  before: readonly TableSnapshot[],
  after: readonly TableSnapshot[],
): Check {
  const written = before.filter((table, index) => JSON.stringify(table) !== JSON.stringify(after[index]))
  return check(what, 'no table written', written.map(({ table }) => table).join(', ') || 'no table written')
}

/** The run carried exactly what was edited, in both directions, and nothing else. */
export function checkEdits({ expected }: EditReport, details: RunDetails): readonly Check[] {
  const { remote, local } = expected
  const carried = [
    ['CUSTOMER', 'to', 'modified', remote.account, 'Accounts changed in the CRM'],
    ['ITEM-PRODUCT', 'to', 'modified', remote.product, 'Products changed in the CRM'],
    ['CONTACT', 'to', 'inserted', remote.newContacts, 'Contacts created in the CRM'],
    ['CUSTOMER', 'from', 'modified', local.customer, 'Customers changed in the ERP'],
  ] as const
  const written = details.jobs.reduce((sum, { counters }) => sum + counters.inserted + counters.modified, 0)
  const wanted = carried.reduce((sum, [, , , count]) => sum + count, 0)
  return [
    ...carried.map(([mapping, direction, counter, count, what]) =>
      check(what, count, countersOf(details, mapping, direction)[counter]),
    ),
    check('Records written in all', wanted, written),
  ]
}

function countersOf({ jobs }: RunDetails, mapping: string, direction: string): Counters {
  return jobs
    .filter((job) => job.mappingName === mapping && job.direction === direction)
    .reduce((sum, job) => addCounters(sum, job.counters), zeroCounters)
}
