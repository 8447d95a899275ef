import type { Command } from 'commander'
import { showIssue } from '../../api/views.ts'
import {
  type ConflictSide,
  conflictResolution,
  type FieldConflict,
  type Issue,
} from '../../core/sync/issue.ts'
import { displayKey } from '../../core/values/key.ts'
import { displayValue } from '../../core/values/value.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addListOptions, pairOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, type ListOptions, printPage, say } from '../output.ts'
import { withContext } from '../session.ts'

interface Options extends ListOptions {
  readonly mapping?: string
  readonly pair?: string
}

/** One field of a conflict, with the number of its issue for paging. */
interface ConflictRow {
  readonly id: number
  readonly issue: Issue
  readonly conflict: FieldConflict
}

const listing = {
  name: 'conflicts',
  show: ({ issue }: ConflictRow) => showIssue(issue),
  columns: [
    { title: 'issue', align: 'right' as const },
    { title: 'mapping' },
    { title: 'record' },
    { title: 'partner' },
    { title: 'field' },
    { title: 'base' },
    { title: 'local' },
    { title: 'changed (UTC)' },
    { title: 'remote' },
    { title: 'changed (UTC)' },
    { title: 'decided' },
  ],
  row: ({ issue, conflict: { local, remote } }: ConflictRow) => [
    String(issue.id),
    issue.mappingName,
    displayKey(issue.key),
    issue.partnerKey === null ? '–' : displayKey(issue.partnerKey),
    local.field === remote.field ? local.field : `${local.field} ↔ ${remote.field}`,
    displayValue(local.base),
    ...sideOf(local),
    ...sideOf(remote),
    decidedBy(issue),
  ],
  empty: 'There are no conflicts.',
}

function decidedBy({ resolution }: Issue): string {
  const decided = conflictResolution(resolution)
  return decided === null ? '' : `by ${decided.decidedBy}`
}

function sideOf({ value, modifiedAt }: ConflictSide): readonly string[] {
  return [displayValue(value), formatTime(modifiedAt)]
}

/** `couplet conflicts` */
export function addConflicts(program: Command, finish: Finish): void {
  addListOptions(program.command('conflicts'))
    .description('List fields that both sides have changed, with base and both values')
    .option('--mapping <name>', 'only conflicts of this mapping')
    .addOption(pairOption())
    .action((options: Options) => finish(() => listConflicts(options)))
}

function listConflicts(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { limit, before, mapping = null, pair } = options
    const pairId = pair === undefined ? null : (await getPairByName(pair, deps)).id
    const query = { pairId, mapping, kind: 'conflict', code: 'CONFLICT_BOTH_CHANGED', limit, before } as const
    const issues = await deps.stores.operations.listIssues(query)
    if (options.json) {
      printPage(issues, options, { ...listing, show: showIssue, row: () => [] })
      return exitCodes.good
    }
    const rows = issues.flatMap((issue) =>
      issue.conflicts.map((conflict) => ({ id: issue.id, issue, conflict })),
    )
    printPage(rows, { ...options, limit: issues.length === limit ? rows.length : rows.length + 1 }, listing)
    if (rows.length > 0) say('Decide with `couplet resolve ISSUE --take local|remote|newest|value=TEXT`.')
    return exitCodes.good
  })
}
