/**
 * `npm run proofs [-- words of a name]`: builds each deliberate fault of test/proofs/faults.ts into a copy of the
 * project and runs the test that has to notice it. Ends with 1 when a fault goes unnoticed, or a test fails without it.
 */

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Fault, faults } from '../test/proofs/faults.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const parts = [
  'src',
  'workers',
  'test',
  'mappings',
  'scripts',
  'docs',
  'bench',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]

async function copyProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'couplet-proofs-'))
  for (const part of parts) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

interface Report {
  readonly passed: number
  readonly failed: number
}

/** Runs one test file of the copy; what failed before any test began counts as no test. */
async function runTest(copy: string, { file, test }: Fault['caughtBy']): Promise<Report> {
  const output = join(copy, 'report.json')
  await rm(output, { force: true })
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const filter = test === '' ? [] : ['-t', test]
  const args = [program, 'run', file, ...filter, '--retry=0', '--reporter=json', `--outputFile=${output}`]
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  const { numPassedTests, numFailedTests } = JSON.parse(await readFile(output, 'utf8'))
  return { passed: numPassedTests, failed: numFailedTests }
}

/** The source with the fault in it. Throws when the place is not there, or not the only one. */
function withFault(source: string, { name, find, replace }: Fault): string {
  if (source.split(find).length !== 2)
    throw new Error(`${name}: the place is not there exactly once: ${find}`)
  return source.replace(find, () => replace)
}

async function prove(copy: string, fault: Fault): Promise<string | null> {
  const path = join(copy, fault.file)
  const source = await readFile(path, 'utf8')
  const faulty = withFault(source, fault)
  const without = await runTest(copy, fault.caughtBy)
  if (without.passed === 0 || without.failed > 0) return 'the test does not pass without the fault'
  await writeFile(path, faulty)
  try {
    const { failed } = await runTest(copy, fault.caughtBy)
    return failed > 0 ? null : 'NOT NOTICED'
  } finally {
    await writeFile(path, source)
  }
}

const words = process.argv.slice(2).join(' ').toLowerCase()
const chosen = faults.filter(({ name }) => name.toLowerCase().includes(words))
const copy = await copyProject()
let unproved = 0
try {
  for (const fault of chosen) {
    const problem = await prove(copy, fault)
    if (problem !== null) unproved += 1
    console.log(`${problem === null ? 'caught' : problem.padEnd(6)}  ${fault.breaks.padEnd(5)} ${fault.name}`)
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
console.log(`${chosen.length - unproved} of ${chosen.length} faults are caught`)
process.exitCode = unproved === 0 ? 0 : 1
