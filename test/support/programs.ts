import { execFileSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { programsFolder } from './programs-folder.ts'

const builder = fileURLToPath(new URL('build-programs.mjs', import.meta.url))

/** What tests start as processes of their own. */
const programs = [
  'src/cli/main.ts',
  'test/chaos/skewed-clock.ts',
  'test/crash/budget-process.ts',
  'test/crash/queue-worker-process.ts',
  'test/crash/worker-process.ts',
  'test/support/embedded-user.ts',
  'test/support/service.ts',
  'workers/api.ts',
  'workers/scheduler.ts',
  'workers/sync.ts',
]

/**
 * A program of this project (its TypeScript file, from the root) as plain JavaScript: hundreds of processes are started, and
 * each would spend most of its life on reading TypeScript. Compiled once in a test run, by whoever needs it first.
 */
export function programFile(file: string): string {
  const folder = programsFolder(inject('postgresUrl'))
  if (!existsSync(folder)) compile(folder)
  return join(folder, file.replace(/\.ts$/, '.js'))
}

/**
 * Whole or not there at all: of two that compile at once, the second one finds the work done. One file for what they
 * share, packages too: to find and read hundreds of files would be half the life of most of them.
 */
function compile(folder: string): void {
  const draft = `${folder}-${process.pid}`
  execFileSync(process.execPath, [builder, draft, ...programs], { stdio: 'inherit' })
  try {
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}
