import type { Pair } from '../../core/ports/mapping-store.ts'
import type { RunDetails } from '../../core/ports/run-store.ts'
import type { Issue } from '../../core/sync/issue.ts'
import { type RunState, runIsDone } from '../../core/sync/run.ts'
import type { DemoContents } from '../../demo/seed.ts'
import { sleep } from '../../lib/sleep.ts'
import { requestCoupling } from '../../usecases/coupling/request-coupling.ts'
import { startRun } from '../../usecases/flow/start-run.ts'
import { settleQuestion } from '../end-question.ts'
import { whoAsks } from '../session.ts'
import { followRun, type WorkSession } from '../work.ts'
import { type Check, checkEdits, checkFirstRun, checkNothingWritten, checkProblems } from './checks.ts'
import { type Say, showChecks, showContents, showProblems, showResults } from './show.ts'
import type { DemoSystems } from './systems.ts'

export interface DemoOptions {
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
  readonly systems: DemoSystems
  readonly runs: RunDetails[]
  readonly checks: Check[]
}

/**
 * The whole demo: synchronizes both systems four times, and checks after each time what must be true. Throws the
 * reason of the session's signal when it is stopped on the way.
 */
export async function playDemo(
  session: WorkSession,
  systems: DemoSystems,
  options: DemoOptions,
): Promise<DemoReport> {
  const { contents } = systems
  options.say(`\n1. ${systems.title}\n`)
  showContents(contents, systems.sides, options.say)
  const pair = await systems.connect(session.context)
  const play: Play = { session, options, pair, systems, runs: [], checks: [] }
  await coupleByHand(play)
  await synchronizeAll(play)
  await findNothing(play)
  await carryEdits(play)
  return { contents, runs: play.runs, checks: play.checks }
}

/** What no name tells: which records belong together. */
async function coupleByHand(play: Play): Promise<void> {
  const { systems, options, session, pair } = play
  const { coupledByHand } = systems
  if (coupledByHand.length === 0) return
  const texts = coupledByHand.map(({ mapping, local, remote }) => `${mapping} ${local} = ${remote}`)
  options.say(`\nA person says which options stand for which codes: ${texts.join(', ')}`)
  let coupled = 0
  for (const { mapping, local, remote } of coupledByHand) {
    const request = { pairId: pair.id, mapping, local, remote, next: 'nothing', ...origin } as const
    const { run } = await requestCoupling({ ...request, requestedBy: whoAsks() }, session.context.deps)
    if ((await runState(run.id, session)) === 'succeeded') coupled += 1
  }
  const found = `${coupled} of ${coupledByHand.length}`
  verify(play, [{ what: 'Options coupled by hand', ok: coupled === coupledByHand.length, found }])
}

async function runState(runId: number, { context, signal }: WorkSession): Promise<RunState> {
  for (;;) {
    const { run } = await context.deps.stores.runs.getRun(runId)
    if (runIsDone(run.state)) return run.state
    await sleep(100, signal)
    signal.throwIfAborted()
  }
}

const origin = { reason: 'Demo', idempotencyKey: null, payloadHash: null } as const

async function synchronizeAll(play: Play): Promise<void> {
  const { options, systems, session } = play
  options.say('\n2. A full synchronization: every mapping, in the order of their dependencies\n')
  const details = await synchronize(play, 'full', options.ask ? 'ask' : 'no')
  showResults(details, options.say)
  if (options.ask) await askQuestion(details, session)
  const issues = await listIssues(play)
  options.say('\nSome records stay behind on purpose, and say why:\n')
  showProblems(systems.contents.problems, issues, options.say)
  verify(play, [
    ...checkFirstRun(systems.contents.expected, details),
    ...checkProblems(systems.contents.problems, issues),
  ])
}

async function askQuestion({ run }: RunDetails, { context, signal }: WorkSession): Promise<void> {
  const question = await context.deps.stores.operations.findQuestion(run.id)
  if (question) await settleQuestion(question, context.deps, { ask: true, signal })
  signal.throwIfAborted()
}

async function findNothing(play: Play): Promise<void> {
  const { options, systems } = play
  options.say('\n3. Again, with nothing changed: once what was modified, once everything\n')
  const before = await systems.snapshot()
  await synchronize(play, 'modified', 'no')
  const between = await systems.snapshot()
  const details = await synchronize(play, 'full', 'no')
  showResults(details, options.say)
  const after = await systems.snapshot()
  verify(play, [
    checkNothingWritten('The run over what was modified', before, between),
    checkNothingWritten('The second full synchronization', between, after),
  ])
}

async function carryEdits(play: Play): Promise<void> {
  const { options, systems } = play
  options.say('\n4. People edit records on both sides; the next run carries exactly these\n')
  const edits = await systems.edit()
  const details = await synchronize(play, 'full', 'no')
  showResults(details, options.say)
  verify(play, [...checkEdits(edits, details), ...(await systems.compare())])
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
