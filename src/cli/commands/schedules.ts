import type { Command } from 'commander'
import { showRun } from '../../api/views.ts'
import {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  runScheduleNow,
} from '../../usecases/schedules/change-schedule.ts'
import { getSchedule } from '../../usecases/schedules/scheduled-run.ts'
import { type ScheduleView, viewSchedule, viewSchedules } from '../../usecases/schedules/view-schedules.ts'
import { addDefaultList, addPairOptions, jsonOption, type PairOptions } from '../arguments.ts'
import { announce } from '../asked-run.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatState, formatTime, print, printJson, printTable } from '../output.ts'
import { act, withContext, withPair } from '../session.ts'
import { addBlackouts } from './schedules-blackouts.ts'
import { addChanges } from './schedules-change.ts'
import { printSchedule } from './schedules-show.ts'

const NEXT_RUNS = 5

const listing = {
  columns: [
    { title: 'name' },
    { title: 'runs' },
    { title: 'when' },
    { title: 'state' },
    { title: 'next (UTC)' },
    { title: 'last run' },
  ],
  row: ({ schedule, state, words, nextSlots, lastRun }: ScheduleView) => [
    schedule.name,
    schedule.mapping ?? schedule.kind,
    words,
    state,
    formatTime(nextSlots[0] ?? null),
    lastRun === null ? '–' : `${lastRun.id} ${formatState(lastRun.state)}`,
  ],
  empty: 'There are no schedules. Make one with `couplet schedules add`.',
}

/** `couplet schedules list|show|add|edit|pause|resume|run|remove|blackouts` */
export function addSchedules(program: Command, finish: Finish): void {
  const schedules = program.command('schedules').description('Runs that repeat by themselves')
  addDefaultList(schedules)
    .description('list the schedules; `couplet schedules` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  named(schedules, 'show')
    .description('show a schedule: when it runs in words, its next five runs, and why it does not run')
    .action((name: string, options: PairOptions) => finish(() => show(name, options)))
  addChanges(schedules, finish)
  named(schedules, 'pause')
    .description('start no run of it any more, until it is resumed')
    .requiredOption('--reason <text>', 'why; it is shown wherever somebody asks')
    .action((name: string, options: PauseOptions) => finish(() => pause(name, options)))
  named(schedules, 'resume')
    .description('go on; slots that were missed are made up for by one run, unless it is told otherwise')
    .option('--reason <text>', 'why')
    .action((name: string, options: ReasonOptions) => finish(() => resume(name, options)))
  named(schedules, 'run')
    .description('start its run now, beside its slots')
    .option('--reason <text>', 'why')
    .action((name: string, options: ReasonOptions) => finish(() => runNow(name, options)))
  named(schedules, 'remove')
    .description('remove a schedule; its runs stay')
    .option('--reason <text>', 'why')
    .action((name: string, options: ReasonOptions) => finish(() => remove(name, options)))
  addBlackouts(schedules, finish)
}

interface ReasonOptions extends PairOptions {
  readonly reason?: string
}

function named(schedules: Command, command: string): Command {
  return addPairOptions(schedules.command(command).argument('<name>', 'name of the schedule'))
}

function list({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const views = await viewSchedules({ pairId: null, mapping: null }, NEXT_RUNS, deps)
    if (json) printJson({ schedules: views })
    else printTable(views, listing)
    return exitCodes.good
  })
}

function show(name: string, { json, pair: pairName }: PairOptions): Promise<number> {
  return withPair(pairName, async (pair, deps) => {
    const view = await viewSchedule(await getSchedule({ pairId: pair.id, name }, deps), NEXT_RUNS, deps)
    if (json) printJson(view)
    else printSchedule(view)
    return exitCodes.good
  })
}

interface PauseOptions extends PairOptions {
  readonly reason: string
}

function pause(name: string, { reason, ...options }: PauseOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const changed = await pauseSchedule({ pairId: pair.id, name }, { ...act(reason), reason }, deps)
    const words = changed ? `Schedule ${name} is paused` : `Schedule ${name} is paused already`
    return tell({ name, changed }, words, options)
  })
}

function resume(name: string, options: ReasonOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const changed = await resumeSchedule({ pairId: pair.id, name }, act(options.reason), deps)
    return tell({ name, changed }, `Schedule ${name} ${changed ? 'is resumed' : 'was not paused'}`, options)
  })
}

function tell(result: object, words: string, { json }: PairOptions): number {
  if (json) printJson(result)
  else print(words)
  return exitCodes.good
}

function runNow(name: string, options: ReasonOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const run = await runScheduleNow({ pairId: pair.id, name }, act(options.reason), deps)
    if (options.json) printJson({ run: showRun(run) })
    else announce(run)
    return exitCodes.good
  })
}

function remove(name: string, options: ReasonOptions): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    await removeSchedule({ pairId: pair.id, name }, act(options.reason), deps)
    if (options.json) printJson({ name, removed: true })
    else print(`Schedule ${name} is removed`)
    return exitCodes.good
  })
}
