/**
 * `node scripts/compiled.mjs FILE …` compiles like the build, with the bench beside it, and runs the file: what is measured is what
 * is shipped. The loader that runs TypeScript as it is gives each function its name when it is made, which inner loops pay for.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const compiled = path('.cache/compiled')

rmSync(compiled, { recursive: true, force: true })
execFileSync(process.execPath, [path('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.bench.json')], {
  stdio: 'inherit',
})
cpSync(path('src/store/migrations'), `${compiled}/src/store/migrations`, { recursive: true })
const [file] = process.argv.splice(2, 1)
await import(pathToFileURL(`${compiled}/${file.replace(/\.ts$/, '.js')}`))
