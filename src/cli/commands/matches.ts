import { type Command, Option } from 'commander'
import { type MatchFinding, type MatchVerdict, matchVerdicts } from '../../core/coupling/match-list.ts'
import { displayKey } from '../../core/values/key.ts'
import { addListOptions, parseId } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { type ListOptions, printPage } from '../output.ts'
import { withContext } from '../session.ts'

const listing = {
  name: 'matches',
  show: ({ key, candidates, ...finding }: MatchFinding) => ({
    ...finding,
    key: displayKey(key),
    candidates: candidates.map(displayKey),
  }),
  columns: [
    { title: 'match', align: 'right' as const },
    { title: 'record' },
    { title: 'result' },
    { title: 'candidates' },
    { title: 'match in return', align: 'right' as const },
    { title: 'coupled in' },
  ],
  row: (finding: MatchFinding) => [
    String(finding.id),
    displayKey(finding.key),
    finding.verdict.replaceAll('-', ' '),
    describeCandidates(finding),
    finding.rivals > 0 ? String(finding.rivals) : '',
    finding.takenBy ?? '',
  ],
  empty: 'There are no such matches: records that are coupled already are not listed.',
}

function describeCandidates({ candidates, candidateCount }: MatchFinding): string {
  const more = candidateCount - candidates.length
  return [...candidates.map(displayKey), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

/** `couplet matches RUN` */
export function addMatches(program: Command, finish: Finish): void {
  addListOptions(program.command('matches'))
    .description('List what match-based coupling has found for each uncoupled record')
    .argument('<run>', 'number of the run', parseId)
    .addOption(new Option('--result <result>', 'only matches of this kind').choices(matchVerdicts))
    .action((runId: number, options: ListOptions & { readonly result?: MatchVerdict }) =>
      finish(() =>
        withContext(async ({ deps }) => {
          await deps.stores.runs.getRun(runId)
          const { result: verdict = null, limit, before } = options
          printPage(
            await deps.stores.matches.listFindings({ runId, verdict, limit, before }),
            options,
            listing,
          )
          return exitCodes.good
        }),
      ),
    )
}
