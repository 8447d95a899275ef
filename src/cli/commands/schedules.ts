import { type Command, Option } from 'commander'
import { SyncError } from '../../core/errors.ts'
import type { Schedule } from '../../core/ports/operations-store.ts'
import type { Deps } from '../../usecases/deps.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addDefaultList, jsonOption, pairOption, parseWholeNumber } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, printTable } from '../output.ts'
import { whoAsks, withContext } from '../session.ts'

const longestMinutes = 525_600

const listing = {
  columns: [
    { title: 'name' },
    { title: 'kind' },
    { title: 'mapping' },
    { title: 'every' },
    { title: 'state' },
  ],
  row: (schedule: Schedule) => [
    schedule.name,
    schedule.kind,
    schedule.mapping ?? '',
    `${schedule.everyMinutes} min`,
    schedule.enabled ? 'on' : 'off',
  ],
  empty: 'There are no schedules. Make one with `couplet schedules set`.',
}

interface SetOptions {
  readonly kind: Schedule['kind']
  readonly every: number
  readonly mapping?: string
  readonly off?: boolean
  readonly json?: boolean
  readonly pair?: string
}

/** `couplet schedules list|set|remove` */
export function addSchedules(program: Command, finish: Finish): void {
  const schedules = program.command('schedules').description('Runs that repeat by themselves')
  addDefaultList(schedules)
    .description('list the schedules; `couplet schedules` does it, too')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => list(options)))
  schedules
    .command('set')
    .description('make a schedule, or change it')
    .argument('<name>', 'name of the schedule')
    .addOption(new Option('--kind <kind>').choices(['full', 'modified', 'mapping']).makeOptionMandatory())
    .addOption(
      new Option('--every <minutes>', 'minutes from one run to the next')
        .argParser(parseWholeNumber(1, longestMinutes))
        .makeOptionMandatory(),
    )
    .option('--mapping <name>', 'the mapping, for --kind mapping')
    .option('--off', 'keep the schedule, but do not run it')
    .addOption(jsonOption())
    .addOption(pairOption())
    .action((name: string, options: SetOptions) => finish(() => set(name, options)))
  schedules
    .command('remove')
    .description('remove a schedule')
    .argument('<name>', 'name of the schedule')
    .addOption(pairOption())
    .action((name: string, options: { pair?: string }) => finish(() => remove(name, options.pair)))
}

function list({ json }: { json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const schedules = await deps.stores.operations.listSchedules()
    if (json) printJson({ schedules })
    else printTable(schedules, listing)
    return exitCodes.good
  })
}

function set(name: string, options: SetOptions): Promise<number> {
  const { kind, every, mapping = null, off, json } = options
  if ((kind === 'mapping') !== (mapping !== null)) {
    throw new SyncError('CONFIG_INVALID', 'Give --mapping with --kind mapping, and only there')
  }
  return withContext(async ({ deps }) => {
    const pair = await getPairByName(options.pair ?? null, deps)
    if (mapping !== null) await deps.stores.mappings.getMapping(pair.id, mapping)
    const wanted = { pairId: pair.id, name, kind, mapping, everyMinutes: every, enabled: off !== true }
    const saved = await deps.stores.operations.saveSchedule(wanted)
    await publish('schedule.set', saved, deps)
    if (json) printJson({ schedule: saved })
    else
      print(
        `Schedule ${name}: ${kind}${mapping ? ` ${mapping}` : ''} every ${every} minutes${off ? ', off' : ''}`,
      )
    return exitCodes.good
  })
}

function remove(name: string, pairName: string | undefined): Promise<number> {
  return withContext(async ({ deps }) => {
    const pair = await getPairByName(pairName ?? null, deps)
    if (!(await deps.stores.operations.removeSchedule(pair.id, name))) {
      throw new SyncError('CONFIG_INVALID', `There is no schedule ${name}; see \`couplet schedules list\``)
    }
    await publish('schedule.removed', { name }, deps)
    print(`Schedule ${name} is removed`)
    return exitCodes.good
  })
}

/** Writes the change down, and brings it to the queue at once instead of with the next round of the sweeper. */
async function publish(
  action: string,
  schedule: Partial<Schedule> & { name: string },
  deps: Deps,
): Promise<void> {
  const { operations } = deps.stores
  await operations.appendAudit({
    actor: whoAsks(),
    action,
    subject: `schedule/${schedule.name}`,
    detail: { ...schedule },
  })
  await deps.queue.reconcileSchedules(await operations.listSchedules())
}
