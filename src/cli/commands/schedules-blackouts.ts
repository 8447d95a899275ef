import type { Command } from 'commander'
import type { CalendarEntry } from '../../core/ports/schedule-store.ts'
import { addBlackout, removeBlackout } from '../../usecases/schedules/calendar.ts'
import { addDefaultList, jsonOption, parseId, parseInstant } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, print, printJson, printTable } from '../output.ts'
import { act, withContext } from '../session.ts'

const listing = {
  columns: [
    { title: 'blackout', align: 'right' as const },
    { title: 'calendar' },
    { title: 'from (UTC)' },
    { title: 'to (UTC)' },
    { title: 'reason' },
  ],
  row: ({ id, calendar, from, to, reason }: CalendarEntry) => [
    String(id),
    calendar,
    formatTime(from),
    formatTime(to),
    reason,
  ],
  empty: 'There are no blackouts. Add one with `couplet schedules blackouts add`.',
}

interface Options {
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly json?: boolean
}

/** `couplet schedules blackouts list|add|remove` */
export function addBlackouts(schedules: Command, finish: Finish): void {
  const blackouts = schedules
    .command('blackouts')
    .description('times in which the schedules of a calendar start nothing')
  addDefaultList(blackouts)
    .description('list them; `couplet schedules blackouts` does it, too')
    .addOption(jsonOption())
    .action((options: Pick<Options, 'json'>) => finish(() => list(options)))
  blackouts
    .command('add')
    .description('add one to a calendar; schedules name it by --calendar')
    .argument('<calendar>', 'name of the calendar')
    .requiredOption('--from <time>', 'when it begins', parseInstant)
    .requiredOption('--to <time>', 'when it ends', parseInstant)
    .requiredOption('--reason <text>', 'why')
    .addOption(jsonOption())
    .action((calendar: string, options: Options) => finish(() => add(calendar, options)))
  blackouts
    .command('remove')
    .description('remove one')
    .argument('<blackout>', 'its number', parseId)
    .action((id: number) => finish(() => remove(id)))
}

function list({ json }: Pick<Options, 'json'>): Promise<number> {
  return withContext(async ({ deps }) => {
    const entries = await deps.stores.schedules.listCalendar()
    if (json) printJson({ blackouts: entries })
    else printTable(entries, listing)
    return exitCodes.good
  })
}

function add(calendar: string, { from, to, reason, json }: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const entry = await addBlackout({ calendar, from, to, reason }, act(reason), deps)
    if (json) printJson({ blackout: entry })
    else
      print(`Blackout ${entry.id} of ${calendar}: ${formatTime(entry.from)} to ${formatTime(entry.to)} (UTC)`)
    return exitCodes.good
  })
}

function remove(id: number): Promise<number> {
  return withContext(async ({ deps }) => {
    await removeBlackout(id, act(undefined), deps)
    print(`Blackout ${id} is removed`)
    return exitCodes.good
  })
}
