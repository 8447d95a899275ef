import type { Command } from 'commander'
import type { KnownProcess } from '../../core/ports/process-store.ts'
import type { Deps } from '../../usecases/deps.ts'
import { quietProcesses, stateOf } from '../../usecases/processes/quiet-processes.ts'
import { addDefaultList, jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDuration } from '../format.ts'
import { formatState, formatTime, print, printJson, printTable, say } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

const listing = {
  columns: [
    { title: 'process' },
    { title: 'roles' },
    { title: 'state' },
    { title: 'seen ago', align: 'right' as const },
    { title: 'started (UTC)' },
    { title: 'version' },
    { title: 'memory', align: 'right' as const },
    { title: 'at work on' },
  ],
  row: ({ process, work }: Shown) => [
    process.id,
    process.roles
      .map((role) => (role === 'scheduler' && process.isLeader ? 'scheduler (leads)' : role))
      .join(', '),
    formatState(stateOf(process)),
    formatDuration(process.seenMsAgo),
    formatTime(process.startedAt),
    process.version,
    `${process.memoryMb} MB`,
    work.join(', '),
  ],
  empty: 'No process is running. Start one with `couplet start`.',
}

interface Shown {
  readonly process: KnownProcess
  /** Lines as `MAPPING (run 12)`, and operations. */
  readonly work: readonly string[]
}

interface QuietOptions {
  readonly reason?: string
  readonly json?: boolean
}

/** `couplet workers list|quiet|resume` */
export function addWorkers(program: Command, finish: Finish): void {
  const workers = program.command('workers').description('The processes that are running, and what they do')
  addDefaultList(workers)
    .description('list the processes; `couplet workers` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  for (const { name, isToBeQuiet, description } of wishes) {
    workers
      .command(name)
      .description(description)
      .argument(
        '[process]',
        'the process as `couplet workers` shows it, or only its host; otherwise all workers',
      )
      .option('--reason <text>', 'why, for the audit log')
      .addOption(jsonOption())
      .action((which: string | undefined, options: QuietOptions) =>
        finish(() => change(which ?? null, isToBeQuiet, options)),
      )
  }
}

const wishes = [
  {
    name: 'quiet',
    isToBeQuiet: true,
    description: 'let workers finish what they have begun, and take nothing new',
  },
  { name: 'resume', isToBeQuiet: false, description: 'let them take work again' },
] as const

function list({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ care, deps }) => {
    const processes = await care.processes.listProcesses()
    if (json) printJson({ processes: processes.map((process) => ({ ...process, state: stateOf(process) })) })
    else printTable(await Promise.all(processes.map((process) => show(process, deps))), listing)
    return exitCodes.good
  })
}

/** Runs may have been removed since. */
async function show(process: KnownProcess, deps: Deps): Promise<Shown> {
  const work = process.work.flatMap(async ({ runId, lineId, operationId }) => {
    if (operationId !== null) return [`operation ${operationId}`]
    if (runId === null || lineId === null) return []
    const run = await deps.stores.runs.getRun(runId).catch(() => null)
    const line = run?.lines.find(({ id }) => id === lineId)
    return [`${line?.mappingName ?? `line ${lineId}`} (run ${runId})`]
  })
  return { process, work: (await Promise.all(work)).flat() }
}

function change(
  which: string | null,
  isToBeQuiet: boolean,
  { reason = '', json }: QuietOptions,
): Promise<number> {
  return withContext(async ({ care }) => {
    const changed = await quietProcesses(
      { which, isToBeQuiet, by: whoAsks(), reason: reason || null },
      care.processes,
    )
    if (json) printJson({ processes: changed })
    else if (changed.length === 0) say('No worker is running.')
    else print(`${isToBeQuiet ? 'Told to take nothing new' : 'May take work again'}: ${changed.join(', ')}`)
    return exitCodes.good
  })
}
