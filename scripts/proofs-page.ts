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
    'This page is made from `test/proofs/faults.ts` by `npm run docs`.',
    '',
  ].join('\n')
}
