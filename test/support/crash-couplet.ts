import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { settleIntents } from './crash-books.ts'
import { readEndState } from './crash-state.ts'
import {
  crashDataSql,
  crashEditsSql,
  crashMappings,
  crashTablesSql,
  secondPairMappings,
} from './crash-tables.ts'
import { createInstallation, type Installation, importAll, type QueueKind } from './installation.ts'

/** Small pages, short leases: a crash is noticed and taken over within a second or two. */
export const quickEnv = {
  COUPLET_PAGE_SIZE: '20',
  COUPLET_LEASE_SECONDS: '1',
  COUPLET_STALLED_SECONDS: '1',
  COUPLET_SWEEP_SECONDS: '1',
  COUPLET_CONCURRENCY: '3',
  COUPLET_GIVE_UP_AFTER: '100',
  COUPLET_POOL_SIZE: '6',
  COUPLET_WATERMARK_OVERLAP_SECONDS: '0',
}

export interface CrashCouplet extends Installation {
  readonly second: Pair
  /** Full synchronizations of both pairs at once. */
  startFull(): Promise<readonly number[]>
  /** Modified runs of both pairs at once. */
  startModified(): Promise<readonly number[]>
}

/** Two pairs over the tables of crash-tables.ts, their data in place, nothing synchronized yet. */
export async function openCrashCouplet(
  queue: QueueKind,
  env: Readonly<Record<string, string>> = {},
): Promise<CrashCouplet> {
  const couplet = await createInstallation({
    queue,
    systemsSql: `${crashTablesSql} ${crashDataSql}`,
    env: { ...quickEnv, ...env },
  })
  const second = await couplet.addPair('second', { local: 'navb', remote: 'crmb' })
  await couplet.import(...(crashMappings as Parameters<Installation['import']>))
  await importAll(second, secondPairMappings, couplet.context)
  const startBoth = async (kind: 'full' | 'modified') => [
    await couplet.start(kind),
    await couplet.start(kind, { pairId: second.id }),
  ]
  return {
    ...couplet,
    second,
    startFull: () => startBoth('full'),
    startModified: () => startBoth('modified'),
  }
}

/** What the same work leaves behind when nothing goes wrong: after the first synchronization, and after the edits. */
async function runUndisturbed() {
  const couplet = await openCrashCouplet('postgres')
  try {
    await couplet.work()
    for (const runId of await couplet.startFull()) await couplet.ended(runId)
    await settleIntents(couplet)
    const afterFull = await readEndState(couplet)
    await couplet.systems.query(crashEditsSql)
    for (const runId of await couplet.startModified()) await couplet.ended(runId)
    await settleIntents(couplet)
    return { afterFull, afterEdits: await readEndState(couplet) }
  } finally {
    await couplet.close()
  }
}

let baseline: ReturnType<typeof runUndisturbed> | null = null

/** The same for all tests: found out once in a test run (which has a server of its own), however many files ask for it. */
export function undisturbed(): ReturnType<typeof runUndisturbed> {
  baseline ??= readOrRun()
  return baseline
}

async function readOrRun(): ReturnType<typeof runUndisturbed> {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/couplet-undisturbed', import.meta.url))
  const file = join(folder, `${process.ppid}-${hash('sha1', inject('postgresUrl'))}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const found = await runUndisturbed()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify(found))
  return found
}
