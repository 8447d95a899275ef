import { type Command, Option } from 'commander'
import { showIssue } from '../../api/views.ts'
import { type Issue, type IssueKind, issueKinds } from '../../core/sync/issue.ts'
import { displayKey } from '../../core/values/key.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addListOptions, pairOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, formatState, formatTime, type ListOptions, printPage } from '../output.ts'
import { withContext } from '../session.ts'

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
    issue.message,
  ],
  empty: 'There are no issues: every record that was looked at is in step.',
}

interface Options extends ListOptions {
  readonly mapping?: string
  readonly kind?: IssueKind
  readonly code?: string
  readonly pair?: string
}

/** `couplet issues` */
export function addIssues(program: Command, finish: Finish): void {
  addListOptions(program.command('issues'))
    .description('List what is wrong now, record by record')
    .option('--mapping <name>', 'only issues of this mapping')
    .addOption(new Option('--kind <kind>', 'only issues of this kind').choices(issueKinds))
    .option('--code <code>', 'only issues with this code (docs/errors.md)')
    .addOption(pairOption())
    .action((options: Options) => finish(() => listIssues(options)))
}

function listIssues(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { limit, before, mapping = null, kind = null, code = null, pair } = options
    const pairId = pair === undefined ? null : (await getPairByName(pair, deps)).id
    const issues = await deps.stores.operations.listIssues({ pairId, mapping, kind, code, limit, before })
    const isPart = [mapping, kind, code, pairId, before].some((chosen) => chosen !== null)
    printPage(issues, options, isPart ? { ...listing, empty: 'There are no such issues.' } : listing)
    return exitCodes.good
  })
}
