import { type Command, Option } from 'commander'
import { showRun, sumCounters } from '../../api/views.ts'
import { type Config, loadConfig } from '../../app/config.ts'
import type { Context } from '../../app/context.ts'
import { demoCustomers, demoSeed } from '../../demo/records/size.ts'
import { jsonOption, parseWholeNumber } from '../arguments.ts'
import { serveDashboard } from '../demo/dashboard.ts'
import type { DemoReport } from '../demo/demo-run.ts'
import type { Say } from '../demo/show.ts'
import type { DemoSystems } from '../demo/systems.ts'
import { canAsk } from '../end-question.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDuration } from '../format.ts'
import { print, printJson } from '../output.ts'
import { reportInterruption } from '../report-error.ts'
import { commandConfig } from '../session.ts'
import type { WorkSession } from '../work.ts'

interface Options {
  readonly databases?: boolean
  /** Left out: as many as suit the systems. */
  readonly size?: number
  readonly seed: number
  readonly serve?: boolean
  readonly json?: boolean
}

const smallest = 60
const largest = 1_000_000
const dynamicsCustomers = 1_000

/** `couplet demo` */
export function addDemo(program: Command, finish: Finish): void {
  program
    .command('demo')
    .description('Two systems, a full synchronization, and the proof that a second one writes nothing')
    .option('--databases', 'two Postgres databases instead of Business Central and Dataverse over HTTP')
    .addOption(
      new Option('--size <customers>', 'how many customers; everything else in proportion')
        .argParser(parseWholeNumber(smallest, largest))
        .default(undefined, `${dynamicsCustomers}, with --databases ${demoCustomers}`),
    )
    .addOption(
      new Option('--seed <n>', 'another seed makes other data')
        .argParser(parseWholeNumber(0, 2 ** 31))
        .default(demoSeed),
    )
    .option('--serve', 'serve the dashboard afterwards, until Ctrl-C (default: in a terminal)')
    .option('--no-serve', 'end after the last check')
    .addOption(jsonOption())
    .action((options: Options) => finish(() => demo(options)))
}

async function demo(options: Options): Promise<number> {
  const config = commandConfig()
  const say: Say = options.json ? () => {} : print
  if (config.databaseUrl !== null) say('DATABASE_URL is left alone: the demo uses a server of its own.')
  const { demoDataDir, resetDemo } = await import('../../app/reset.ts')
  const { workInThisProcess } = await import('../work.ts')
  await resetDemo(config)
  const output = { json: options.json === true, stream: process.stdout }
  return workInThisProcess(demoConfig(config, demoDataDir(config)), output, (session) =>
    play(session, options, say),
  )
}

/** A server of its own, in a folder of its own: a demo never touches anything real. */
function demoConfig(config: Config, dataDir: string): Config {
  return {
    ...config,
    dataDir,
    databaseUrl: null,
    queueUrl: null,
    migrate: 'auto',
    // Its simulated systems lie on this machine.
    privateNetworks: loadConfig({ COUPLET_PRIVATE_NETWORKS: '127.0.0.0/8' }).privateNetworks,
  }
}

async function play(session: WorkSession, options: Options, say: Say): Promise<number> {
  const startedMs = session.context.deps.clock.monotonicMs()
  const systems = await openSystems(session.context, options)
  try {
    return await playOn(systems, session, { ...options, say, startedMs })
  } finally {
    await systems.close()
  }
}

async function openSystems(context: Context, { databases, size, seed }: Options): Promise<DemoSystems> {
  if (databases) {
    const { openDatabases } = await import('../demo/databases.ts')
    return openDatabases(context, { size: size ?? demoCustomers, seed })
  }
  const { openSimulators } = await import('../demo/simulators.ts')
  return openSimulators(context, { size: size ?? dynamicsCustomers, seed })
}

async function playOn(
  systems: DemoSystems,
  session: WorkSession,
  { say, startedMs, ...options }: Options & { readonly say: Say; readonly startedMs: number },
): Promise<number> {
  const { clock } = session.context.deps
  try {
    const { playDemo } = await import('../demo/demo-run.ts')
    const report = await playDemo(session, systems, { ask: canAsk(options.json), say })
    const ok = report.checks.every((check) => check.ok)
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    if (options.json) printJson(asJson(report, ok, tookMs))
    say(
      `\n${ok ? 'Everything as it must be' : 'NOT everything as it must be'}, in ${formatDuration(tookMs)}.\n`,
    )
    if (options.serve ?? (process.stdout.isTTY && !options.json))
      await serveDashboard(session.context, session.signal, say)
    return ok ? exitCodes.good : exitCodes.failed
  } catch (error) {
    if (session.signal.aborted) {
      return reportInterruption('The demo was stopped.', { json: options.json === true })
    }
    throw error
  }
}

function asJson({ contents, runs, checks }: DemoReport, ok: boolean, tookMs: number) {
  const { size, local, remote } = contents
  return {
    ok,
    tookMs,
    size,
    local,
    remote,
    runs: runs.map(({ run, jobs }) => ({ ...showRun(run), counters: sumCounters(jobs) })),
    checks,
  }
}
