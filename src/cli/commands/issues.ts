import type { Command } from 'commander'
import { showIssue } from '../../api/views.ts'
import type { CountedGroup } from '../../core/ports/operations-store.ts'
import { groupName, type Issue } from '../../core/sync/issue.ts'
import { displayKey } from '../../core/values/key.ts'
import { addDefaultList, addListOptions, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'
import { addIssueFilter, type FilterOptions, readIssueFilter } from '../issue-filter.ts'
import {
  formatDirection,
  formatState,
  formatTime,
  type ListOptions,
  printJson,
  printPage,
  printTable,
} from '../output.ts'
import { withContext } from '../session.ts'
import { addIssueChanges } from './issues-change.ts'
import { addShowIssue } from './issues-show.ts'

const listing = {
  name: 'issues',
  show: showIssue,
  columns: [
    { title: 'issue', align: 'right' as const },
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'record' },
    { title: 'state' },
    { title: 'tries', align: 'right' as const },
    { title: 'since (UTC)' },
    { title: 'code' },
    { title: 'message' },
  ],
  row: (issue: Issue) => [
    String(issue.id),
    issue.mappingName,
    formatDirection(issue.direction),
    displayKey(issue.key),
    formatState(issue.kind),
    String(issue.attempts),
    formatTime(issue.firstAt),
    issue.code,
    issue.parkedBy === null
      ? issue.message
      : `${issue.message} (set aside by ${issue.parkedBy}${issue.parkedReason === null ? '' : `: ${issue.parkedReason}`})`,
  ],
  empty: 'There are no issues: every record that was looked at is in step.',
}

interface Options extends ListOptions, FilterOptions {}

const MAX_GROUPS = 200

const grouping = {
  columns: [
    { title: 'group' },
    { title: 'mapping' },
    { title: 'issues', align: 'right' as const },
    { title: 'stopped', align: 'right' as const },
    { title: 'since (UTC)' },
    { title: 'one of them' },
  ],
  row: (group: CountedGroup) => [
    groupName(group),
    group.mapping,
    formatCount(group.issues),
    formatCount(group.stopped),
    formatTime(group.firstAt),
    group.message,
  ],
  empty: 'There are no such issues.',
}

/** `couplet issues list|groups|show|skip|unskip|retry` */
export function addIssues(program: Command, finish: Finish): void {
  const issues = program.command('issues').description('What is wrong now, record by record')
  addIssueFilter(addListOptions(addDefaultList(issues)))
    .description('list what is wrong now; `couplet issues` does it, too')
    .action((options: Options) => finish(() => listIssues(options)))
  addIssueFilter(
    issues
      .command('groups')
      .description('count what is wrong by its cause: mapping, code and field')
      .addOption(jsonOption()),
  ).action((options: Options) => finish(() => listGroups(options)))
  addShowIssue(issues, finish)
  addIssueChanges(issues, finish)
}

function listGroups(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const filter = await readIssueFilter(null, options, deps)
    const groups = await deps.stores.operations.listIssueGroups(filter, MAX_GROUPS)
    if (options.json) printJson({ groups: groups.map((group) => ({ group: groupName(group), ...group })) })
    else printTable(groups, grouping)
    return exitCodes.good
  })
}

function listIssues(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { limit, before } = options
    const filter = await readIssueFilter(null, options, deps)
    const issues = await deps.stores.operations.listIssues({ ...filter, limit, before })
    const isPart = before !== null || Object.values(filter).some((chosen) => chosen !== null)
    printPage(issues, options, isPart ? { ...listing, empty: 'There are no such issues.' } : listing)
    return exitCodes.good
  })
}
