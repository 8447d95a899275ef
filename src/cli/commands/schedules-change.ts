import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  catchUpPolicies,
  overlapPolicies,
  type Schedule,
  type ScheduleSettings,
  scheduleKinds,
} from '../../core/schedules/schedule.ts'
import { addSchedule, changeSchedule } from '../../usecases/schedules/change-schedule.ts'
import { viewSchedule } from '../../usecases/schedules/view-schedules.ts'
import { addPairOptions, type PairOptions, parseInstant, parseWholeNumber } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson } from '../output.ts'
import { act, withPair } from '../session.ts'
import { printSchedule } from './schedules-show.ts'

const longestMinutes = 525_600
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

interface Options extends PairOptions {
  readonly kind?: Schedule['kind']
  readonly mapping?: string
  readonly every?: number
  readonly cron?: string
  readonly anchor?: string
  readonly zone?: string
  readonly days?: readonly number[] | null
  readonly window?: readonly [string, string] | null
  readonly until?: string
  readonly overlap?: Schedule['overlap']
  readonly catchUp?: Schedule['catchUp']
  readonly idle?: number
  readonly calendar?: string
  readonly off?: boolean
  readonly on?: boolean
  readonly reason?: string
}

/** `couplet schedules add|edit` */
export function addChanges(schedules: Command, finish: Finish): void {
  withSettings(schedules.command('add').description('make a schedule'))
    .option('--off', 'keep the schedule, but do not run it')
    .action((name: string, options: Options) => finish(() => change(name, options, addSchedule)))
  withSettings(schedules.command('edit').description('change what is given of a schedule, and nothing else'))
    .option('--off', 'do not run it')
    .addOption(new Option('--on', 'run it again').conflicts('off'))
    .action((name: string, options: Options) => finish(() => change(name, options, changeSchedule)))
}

function withSettings(command: Command): Command {
  return addPairOptions(
    command
      .argument('<name>', 'name of the schedule')
      .addOption(new Option('--kind <kind>', 'what runs; left out: modified').choices(scheduleKinds))
      .option('--mapping <name>', 'the mapping, for --kind mapping')
      .addOption(
        new Option('--every <minutes>', 'minutes from one run to the next')
          .argParser(parseWholeNumber(1, longestMinutes))
          .conflicts('cron'),
      )
      .option('--cron <expression>', 'minute, hour, day, month and weekday, as "30 2 * * 1-5"')
      .addOption(
        new Option('--anchor <time>', 'a time at which a run of --every lies').argParser(parseInstant),
      )
      .option('--zone <name>', 'time zone of --cron, --days and --window; left out: UTC')
      .addOption(new Option('--days <days>', 'weekdays, as mon,tue or mon-fri; or all').argParser(parseDays))
      .addOption(
        new Option('--window <from-to>', 'times of day, as 06:00-22:00; or none').argParser(parseWindow),
      )
      .addOption(new Option('--until <time>', 'it ends then').argParser(parseInstant))
      .addOption(
        new Option('--overlap <policy>', 'a slot comes while the last run goes on').choices(overlapPolicies),
      )
      .addOption(new Option('--catch-up <policy>', 'slots were missed').choices(catchUpPolicies))
      .addOption(
        new Option(
          '--idle <minutes>',
          'after a run that found nothing, look only for changes so long',
        ).argParser(parseWholeNumber(0, longestMinutes)),
      )
      .option('--calendar <name>', 'calendar of its blackouts; or none')
      .option('--reason <text>', 'why'),
  )
}

function change(name: string, options: Options, save: typeof addSchedule): Promise<number> {
  return withPair(options.pair, async (pair, deps) => {
    const saved = await save({ pairId: pair.id, name }, readSettings(options), act(options.reason), deps)
    const view = await viewSchedule(saved, 5, deps)
    if (options.json) printJson(view)
    else printSchedule(view)
    return exitCodes.good
  })
}

/** What is given, and nothing else. */
function readSettings(options: Options): Partial<ScheduleSettings> {
  const { kind, mapping, every, cron, anchor, zone, days: weekdays, window, until, calendar } = options
  const given = {
    kind: kind ?? (mapping === undefined ? undefined : 'mapping'),
    mapping,
    everyMinutes: every,
    cron,
    anchorAt: anchor,
    timeZone: zone,
    weekdays,
    windowFrom: window === null ? null : window?.[0],
    windowTo: window === null ? null : window?.[1],
    expiresAt: until,
    overlap: options.overlap,
    catchUp: options.catchUp,
    inactivityMinutes: options.idle,
    calendar: calendar === 'none' ? null : calendar,
    enabled: options.off ? false : options.on ? true : undefined,
  } satisfies { readonly [name in keyof ScheduleSettings]: ScheduleSettings[name] | undefined }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function parseDays(text: string): readonly number[] | null {
  if (text === 'all') return null
  return text.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map((day) => days.indexOf(day.trim().toLowerCase()))
    if (from === undefined || to === undefined || from < 0 || to < from)
      throw new InvalidArgumentError('Expected weekdays as mon,tue,sat or mon-fri, or all.')
    return Array.from({ length: to - from + 1 }, (_, index) => from + index + 1)
  })
}

function parseWindow(text: string): readonly [string, string] | null {
  if (text === 'none') return null
  const [from, to, more] = text.split('-')
  if (from && to && more === undefined) return [from, to]
  throw new InvalidArgumentError('Expected two times of day as 06:00-22:00, or none.')
}
