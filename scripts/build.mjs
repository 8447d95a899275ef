/** Compiles src and workers to dist, with the SQL that belongs to them; the result runs without any other step. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))

rmSync(path('dist'), { recursive: true, force: true })
execFileSync(process.execPath, [path('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.build.json')], {
  stdio: 'inherit',
})
cpSync(path('src/store/migrations'), path('dist/src/store/migrations'), { recursive: true })
chmodSync(path('dist/src/cli/main.js'), 0o755)
