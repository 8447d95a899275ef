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
    'Postgres and Redis. People edit both systems and other services ask for runs, while processes, servers, connections and both',
    'systems are harmed at random (`test/chaos/faults.ts`). In the end both systems must show every edit and no record twice; the',
    'books must add up; no run may be stuck; schedules must be alive; no setting may have changed; and a further full',
    'synchronization must find nothing to do. Each kind of harm is done once in the normal tests, 500 times by the command;',
    '`COUPLET_CHAOS_HARMS` sets another number, and `COUPLET_TEST_SEED` repeats a campaign. Long ones that were run:',
    '',
    readFileSync(new URL('../test/chaos/campaigns.md', import.meta.url), 'utf8'),
    'This page is made from `test/proofs/faults.ts` and `test/chaos/campaigns.md` by `npm run docs`.',
    '',
  ].join('\n')
}
