import { readFileSync } from 'node:fs'
import { faults } from '../test/proofs/faults.ts'

/** docs/proofs.md: every deliberate fault with the test that notices it. */
export function proofsPage(): string {
  const rows = faults.map(
    ({ name, breaks, file, caughtBy }) =>
      `| ${name} | ${breaks} | \`${file}\` | \`${caughtBy.file}\`${caughtBy.test === '' ? '' : `: ${caughtBy.test}`} |`,
  )
  return [
    '# Proofs',
    '',
    'A test that cannot fail proves nothing. Each row below is a fault that somebody could build into Couplet; `npm run proofs`',
    'builds it into a copy of the project, one at a time, and runs the test that has to notice it: first without the fault',
    '(it must pass), then with it (it must fail). `npm run proofs -- fence` takes only the faults with that word in their name.',
    'What P1 … P12 promise stands in [architecture.md](architecture.md); § are chapters of the rules (docs/domain-coverage.md).',
    '',
    'What is not proved fault by fault is searched for: `npm run test:model` plays random histories (edits, deletes, crashes,',
    'late commits, skewed clocks) against a plain model of what should be there in the end, and `test/crash` kills real',
    'processes.',
    '',
    '| fault | breaks | in | noticed by |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Campaigns of harm',
    '',
    '`npm run test:chaos` runs three workers, two schedulers and an API beside simulated Business Central and Dataverse, over its own',
    'Postgres and Redis, with two tables of which one refers to the other. All the time people enter, edit and delete records on both',
    'sides, two of them edit the same field of one record, somebody decides the conflicts, and other services ask for runs; also while',
    'processes are frozen and servers away. Two harms at a time are done at random (`test/chaos/faults.ts`), as long as work goes on',
    'between them. After each 25 everything comes to rest and is judged (`test/chaos/judge.ts`):',
    '',
    '- after a run of changes and one of deletions both systems show every edit, no record twice and none that was deleted;',
    '- the first full synchronization after that finds nothing to do: a change that was passed over makes the campaign fail;',
    '- a field that both sides edited has what the second one entered knowingly, or what was decided, or is an open conflict that names',
    '  both values; no other issue is open. A record that people edited between its creation and the news of it may be held as a',
    '  possible duplicate: it is coupled by hand, and counted;',
    '- the books add up, no promised run is missing, BullMQ has no parent that waits and no job that nobody works on, the schedule is',
    '  alive, and no setting has changed.',
    '',
    'Each kind of harm is done once in the normal tests, 500 times by the command; `COUPLET_CHAOS_HARMS` sets another number, and',
    '`COUPLET_TEST_SEED` chooses the same harms again (not the same moments). Long ones that were run:',
    '',
    readFileSync(new URL('../test/chaos/campaigns.md', import.meta.url), 'utf8'),
    'This page is made from `test/proofs/faults.ts` and `test/chaos/campaigns.md` by `npm run docs`.',
    '',
  ].join('\n')
}
