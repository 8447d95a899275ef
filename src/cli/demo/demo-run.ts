import type { Pair } from '../../core/ports/mapping-store.ts'
import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { editBothSides } from '../../demo/edits.ts'
import type { DemoContents } from '../../demo/seed.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { settleQuestion } from '../end-question.ts'
import { whoAsks } from '../session.ts'
import { followRun, type WorkSession } from '../work.ts'
import { type Check, checkEdits, checkFirstRun, checkNothingWritten, checkProblems } from './checks.ts'
import { connectDemo, type DemoDatabases, fillDatabases, snapshotBoth } from './databases.ts'
import { type Say, showChecks, showContents, showProblems, showResults } from './show.ts'

export interface DemoOptions {
  readonly size: number
  readonly seed: number
  /** Ask the question at the end of the full synchronization; otherwise it is answered with no. */
  readonly ask: boolean
  readonly say: Say
}

export interface DemoReport {
  readonly contents: DemoContents
  readonly runs: readonly RunDetails[]
  readonly checks: readonly Check[]
}

interface Play {
  readonly session: WorkSession
  readonly options: DemoOptions
  readonly pair: Pair
  readonly databases: DemoDatabases
  readonly runs: RunDetails[]
  readonly checks: Check[]
}

/**
 * The whole demo: fills both sides, synchronizes four times, and checks after each time what must be true. Throws the
 * reason of the session's signal when it is stopped on the way.
 */
export async function playDemo(session: WorkSession, options: DemoOptions): Promise<DemoReport> {
  options.say('\n1. Two databases, filled with the same data every time\n')
  const databases = await fillDatabases(session.context, options)
  showContents(databases.contents, options.say)
  const pair = await connectDemo(session.context)
  const play: Play = { session, options, pair, databases, runs: [], checks: [] }
  await synchronizeAll(play)
  await findNothing(play)
  await carryEdits(play)
  return { contents: databases.contents, runs: play.runs, checks: play.checks }
}

async function synchronizeAll(play: Play): Promise<void> {
  const { options, databases, session } = play
  options.say('\n2. A full synchronization: seven mappings, in the order of their dependencies\n')
  const details = await synchronize(play, 'full', options.ask ? 'ask' : 'no')
  showResults(details, options.say)
  if (options.ask) await askQuestion(details, session)
  const issues = await listIssues(play)
  options.say('\nSome records stay behind on purpose, and say why:\n')
  showProblems(databases.contents.problems, issues, options.say)
  verify(play, [
    ...checkFirstRun(databases.contents.expected, details),
    ...checkProblems(databases.contents.problems, issues),
  ])
}

async function askQuestion({ run }: RunDetails, { context, signal }: WorkSession): Promise<void> {
  const question = await context.deps.stores.operations.findQuestion(run.id)
  if (question) await settleQuestion(question, context.deps, { ask: true, signal })
  signal.throwIfAborted()
}

async function findNothing(play: Play): Promise<void> {
  const { options, databases } = play
  options.say('\n3. Again, with nothing changed: once what was modified, once everything\n')
  const before = await snapshotBoth(databases)
  await synchronize(play, 'modified', 'no')
  const between = await snapshotBoth(databases)
  const details = await synchronize(play, 'full', 'no')
  showResults(details, options.say)
  const after = await snapshotBoth(databases)
  verify(play, [
    checkNothingWritten('The run over what was modified', before, between),
    checkNothingWritten('The second full synchronization', between, after),
  ])
}

async function carryEdits(play: Play): Promise<void> {
  const { options, databases } = play
  options.say('\n4. People edit records on both sides; the next run carries exactly these\n')
  const edits = await editBothSides({ ...databases, seed: options.seed })
  const details = await synchronize(play, 'full', 'no')
  showResults(details, options.say)
  verify(play, checkEdits(edits, details))
}

async function synchronize(
  { session, pair, runs }: Play,
  kind: 'full' | 'modified',
  keepCreating: 'no' | 'ask',
): Promise<RunDetails> {
  const { run } = await startRun(
    {
      pairId: pair.id,
      kind,
      mapping: null,
      keepCreating,
      requestedBy: whoAsks(),
      reason: 'Demo',
      idempotencyKey: null,
      payloadHash: null,
      scheduleId: null,
      slot: null,
    },
    session.context.deps,
  )
  const details = await followRun(run.id, session)
  session.signal.throwIfAborted()
  runs.push(details)
  return details
}

async function listIssues({ pair, session }: Play): Promise<readonly Issue[]> {
  const { operations } = session.context.deps.stores
  const query = { pairId: pair.id, mapping: null, kind: null, code: null, limit: 1_000, before: null }
  return operations.listIssues(query)
}

function verify({ checks, options }: Play, added: readonly Check[]): void {
  checks.push(...added)
  showChecks(added, options.say)
}
