import { type ErrorCode, errorCodes } from '../core/errors.ts'
import type { JobDirection } from '../core/mapping/definition.ts'
import type { RunDetails } from '../core/ports/run-store.ts'
import type { Issue, IssueKind } from '../core/sync/issue.ts'
import { displayKey } from '../core/values/key.ts'
import { groupBy } from '../lib/group.ts'
import type { Deps } from '../usecases/deps.ts'
import { formatCount } from './format.ts'
import { formatDirection, formatState, print } from './output.ts'
import { renderTable } from './table.ts'

/** Records of one run that have the same problem now. */
export interface ProblemGroup {
  readonly mapping: string
  readonly direction: JobDirection
  readonly kind: IssueKind
  readonly code: ErrorCode
  readonly field: string | null
  readonly records: number
  readonly example: { readonly key: string; readonly message: string }
  readonly remedy: string
}

const PAGE = 1_000
const MOST_PAGES = 20

/** The issues that the jobs of a run have opened or met again, grouped; of very many only the newest are looked at. */
export async function listProblems(
  { run, jobs }: RunDetails,
  deps: Pick<Deps, 'stores'>,
): Promise<readonly ProblemGroup[]> {
  const jobIds = new Set(jobs.map((job) => job.id))
  const issues = await listIssues(run.pairId, null, deps)
  return groupIssues(issues.filter((issue) => jobIds.has(issue.jobId)))
}

/** Skipped records of the mappings of a full synchronization, which has left them out; none for other runs. */
export async function listSkipped(
  { run, lines }: RunDetails,
  deps: Pick<Deps, 'stores'>,
): Promise<readonly ProblemGroup[]> {
  if (run.kind !== 'full' || run.options.includeSkipped) return []
  const mappingIds = new Set(lines.map((line) => line.mappingId))
  const issues = await listIssues(run.pairId, 'skipped', deps)
  return groupIssues(issues.filter((issue) => mappingIds.has(issue.mappingId)))
}

async function listIssues(
  pairId: number,
  kind: IssueKind | null,
  deps: Pick<Deps, 'stores'>,
): Promise<readonly Issue[]> {
  const issues: Issue[] = []
  let before: number | null = null
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { pairId, mapping: null, kind, code: null, limit: PAGE, before }
    const found: readonly Issue[] = await deps.stores.operations.listIssues(query)
    issues.push(...found)
    before = found.at(-1)?.id ?? null
    if (found.length < PAGE) break
  }
  return issues
}

function groupIssues(issues: readonly Issue[]): readonly ProblemGroup[] {
  const groups = groupBy(issues, ({ mappingName, direction, kind, code, field }) =>
    [mappingName, direction, kind, code, field].join('/'),
  )
  return [...groups.values()]
    .map(toGroup)
    .sort((a, b) => a.mapping.localeCompare(b.mapping) || b.records - a.records)
}

function toGroup(issues: readonly Issue[]): ProblemGroup {
  const [first] = issues as [Issue, ...Issue[]]
  return {
    mapping: first.mappingName,
    direction: first.direction,
    kind: first.kind,
    code: first.code,
    field: first.field,
    records: issues.length,
    example: { key: displayKey(first.key), message: first.message },
    remedy: errorCodes[first.code][1],
  }
}

export function printProblems(problems: readonly ProblemGroup[]): void {
  const columns = [
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'state' },
    { title: 'records', align: 'right' as const },
    { title: 'code' },
    { title: 'for example' },
  ]
  const rows = problems.map((problem) => [
    problem.mapping,
    formatDirection(problem.direction),
    formatState(problem.kind),
    formatCount(problem.records),
    problem.code,
    problem.example.message,
  ])
  print(renderTable(columns, rows))
  print('')
  for (const [code, [first]] of groupBy(problems, (problem) => problem.code))
    print(`${code}: ${first?.remedy ?? ''}`)
}

/** What a full synchronization has left out on purpose, one row per mapping, direction and code. */
export function printSkipped(skipped: readonly ProblemGroup[]): void {
  if (skipped.length === 0) return
  print('')
  print('Skipped records were left out; take them along with `couplet sync full --include-skipped`:')
  for (const { mapping, direction, records, code, example } of skipped)
    print(
      `  ${mapping} ${formatDirection(direction)}: ${formatCount(records)} (${code}), such as ${example.key}`,
    )
}
