/** Writes the pages of docs/ that are made from code: `npm run docs`. A test fails when one of them is stale. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Setting } from '../src/app/setting.ts'
import { settings } from '../src/app/settings.ts'
import { cliPage } from './cli-page.ts'
import { proofsPage } from './proofs-page.ts'

/** docs/configuration.md: every setting with its variable, default and meaning. */
export function configurationPage(): string {
  const rows = Object.values<Setting<unknown>>(settings).map(
    (setting) =>
      `| \`${setting.variable}\` | ${setting.default ? `\`${setting.default}\`` : 'not set'} | ${setting.doc.replaceAll('|', '\\|')} |`,
  )
  return [
    '# Configuration',
    '',
    'Couplet reads its settings from environment variables, once, at the start. All are optional. An empty variable counts as',
    'not set. A wrong value stops the start; all wrong values are named at once, and values that hold a password are not shown.',
    '',
    '| variable | default | what it does |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'Connections to the business systems are stored in the database without their secrets: a connection names a variable',
    '(`env:NAME`) or a file (`file:/run/secrets/name`) that holds its address.',
    '',
    'This page is made from `src/app/settings.ts` by `npm run docs`.',
    '',
  ].join('\n')
}

/** Every generated page: path from the root of the project, and what it must contain. */
export const pages = [
  { path: 'docs/configuration.md', content: configurationPage },
  { path: 'docs/cli.md', content: cliPage },
  { path: 'docs/proofs.md', content: proofsPage },
] as const

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pages) await writeFile(new URL(`../${page.path}`, import.meta.url), page.content())
}
