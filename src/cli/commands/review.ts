import type { Command } from 'commander'
import {
  type Review,
  type ReviewLine,
  reviewFullSync,
  type SideReview,
} from '../../usecases/review/review-full-sync.ts'
import { addPairOptions, type PairOptions } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'
import { formatTime, print, printJson, printTable, say } from '../output.ts'
import { withPair } from '../session.ts'

const listing = {
  columns: [
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'after' },
    { title: 'local' },
    { title: 'remote' },
    { title: 'recommendation' },
    { title: 'possible duplicates', align: 'right' as const },
  ],
  row: (line: ReviewLine) => [
    line.mapping,
    line.direction,
    line.dependsOn.join(', '),
    sideText(line.local),
    sideText(line.remote),
    line.recommendation,
    line.possibleDuplicates === null ? '–' : formatCount(line.possibleDuplicates),
  ],
  empty: 'There is no enabled mapping; import some with `couplet mappings import`.',
}

/** What can be done about a mapping whose records cannot find each other. */
export const NO_MATCH_FIELDS =
  'both sides have records, and no field has `match`; give one to a field that tells them apart, or choose `--line MAPPING=full`, which creates a partner for every record'

/** `couplet review` */
export function addReview(program: Command, finish: Finish): void {
  addPairOptions(program.command('review'))
    .description('Recommend what a full synchronization should do with each mapping; changes nothing')
    .action((options: PairOptions) =>
      finish(() =>
        withPair(options.pair, async (pair, deps) => {
          const review = await reviewFullSync(pair, deps, new AbortController().signal)
          if (options.json) printJson(review)
          else printReview(review)
          return exitCodes.good
        }),
      ),
    )
}

function printReview({ lines, preview }: Review): void {
  printTable(lines, listing)
  if (lines.length === 0) return
  print('')
  if (preview === null)
    say('Possible duplicates are found by a preview: `couplet sync full --dry-run --wait`')
  else
    say(
      `Possible duplicates as preview ${preview.runId} has found them (${formatTime(preview.finishedAt)} UTC).`,
    )
  if (lines.some(({ recommendation }) => recommendation === 'No Match Fields'))
    say(`No Match Fields: ${NO_MATCH_FIELDS}.`)
  say(
    'Follow the recommendations with `couplet sync full --review`; other choices: `--line MAPPING=full|couple|leave-out`,',
  )
  say('  `--initial MAPPING=local-is-master|remote-is-master|merge|couple-only`')
}

function sideText({ count, estimatedRows }: SideReview): string {
  if (count !== 'more') return count
  return estimatedRows === null ? 'more' : `about ${formatCount(Math.max(2, estimatedRows))}`
}
