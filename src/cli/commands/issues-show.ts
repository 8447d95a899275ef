import type { Command } from 'commander'
import { showIssue, showOutcome } from '../../api/views.ts'
import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { displayKey } from '../../core/values/key.ts'
import { displayValue } from '../../core/values/value.ts'
import { readIssue } from '../../usecases/records/read-issue.ts'
import { jsonOption, parseId } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, formatState, formatTime, print, printJson, printTable } from '../output.ts'
import { withContext } from '../session.ts'

const attempts = {
  columns: [
    { title: 'at (UTC)' },
    { title: 'run', align: 'right' as const },
    { title: 'outcome' },
    { title: 'code' },
    { title: 'message' },
  ],
  row: ({ at, runId, kind, code, message }: StoredOutcome) => [
    formatTime(at),
    String(runId),
    formatState(kind),
    code ?? '',
    message ?? '',
  ],
  empty: 'The ledger has no attempt at it any more.',
}

/** `couplet issues show ISSUE` */
export function addShowIssue(issues: Command, finish: Finish): void {
  issues
    .command('show')
    .description('show one issue, with the attempts at its record')
    .argument('<issue>', 'number of the issue', parseId)
    .addOption(jsonOption())
    .action((id: number, options: { json?: boolean }) => finish(() => show(id, options)))
}

function show(id: number, { json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const details = await readIssue(id, deps)
    if (json) printJson({ issue: showIssue(details.issue), attempts: details.attempts.map(showOutcome) })
    else {
      for (const line of describe(details.issue)) print(line)
      print('')
      printTable(details.attempts, attempts)
    }
    return exitCodes.good
  })
}

function describe(issue: Issue): readonly string[] {
  const { partnerKey, field, parkedBy, parkedReason, nextAttemptAt, resolution, waitsFor } = issue
  const partner = partnerKey === null ? '' : `, partner ${displayKey(partnerKey)}`
  const because = parkedReason === null ? '' : `: ${parkedReason}`
  return [
    `Issue ${issue.id}: ${issue.mappingName} ${displayKey(issue.key)}${partner}, ${formatDirection(issue.direction)}`,
    `  ${formatState(issue.kind)}  ${issue.code}${field === null ? '' : ` (${field})`}: ${issue.message}`,
    `  ${issue.attempts} attempt(s), first ${formatTime(issue.firstAt)}, last ${formatTime(issue.lastAt)}, next ${formatTime(nextAttemptAt)} (UTC)`,
    ...(waitsFor === null ? [] : [`  waits for ${waitsFor}`]),
    ...(parkedBy === null ? [] : [`  set aside by ${parkedBy}${because}`]),
    ...(resolution === null ? [] : ['  decided, and not carried out yet']),
    ...issue.conflicts.map(
      ({ local, remote }) =>
        `  ${local.field}: base ${displayValue(local.base)}, local ${displayValue(local.value)}, remote ${displayValue(remote.value)}`,
    ),
  ]
}
