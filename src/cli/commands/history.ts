import type { Command } from 'commander'
import { nextPage } from '../../api/contract/inputs.ts'
import { showOutcome } from '../../api/views.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { displayValue } from '../../core/values/value.ts'
import { type RecordHistory, readHistory } from '../../usecases/records/record-history.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { addListOptions, pairOption, sideOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import {
  formatDirection,
  formatState,
  formatTime,
  type ListOptions,
  print,
  printJson,
  say,
} from '../output.ts'
import { withContext } from '../session.ts'

interface Options extends ListOptions {
  readonly pair?: string
  readonly side?: Side
}

/** `couplet history MAPPING KEY` */
export function addHistory(program: Command, finish: Finish): void {
  addListOptions(program.command('history'))
    .description('Show all that has happened to one record and its partner, newest first')
    .argument('<mapping>', 'name of the mapping')
    .argument('<key>', 'key or number of the record on either side')
    .addOption(sideOption())
    .addOption(pairOption())
    .action((mapping: string, key: string, options: Options) =>
      finish(() => showHistory(mapping, key, options)),
    )
}

function showHistory(mapping: string, text: string, options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { id: pairId } = await getPairByName(options.pair ?? null, deps)
    const { side = null, limit, before } = options
    const history = await readHistory({ pairId, mapping, text, side, limit, before }, deps)
    const next = nextPage(history.outcomes, limit)
    if (options.json) printJson({ ...asJson(history), next })
    else printHistory(history)
    if (next !== null && !options.json) say(`There may be more: --before ${next}`)
    return exitCodes.good
  })
}

const readable = (key: RecordKey | null): string => (key === null ? 'unknown' : displayKey(key))

function asJson({ local, remote, outcomes, ...rest }: RecordHistory) {
  const shown = (key: RecordKey | null) => (key === null ? null : displayKey(key))
  return { ...rest, local: shown(local), remote: shown(remote), outcomes: outcomes.map(showOutcome) }
}

function printHistory({ mapping, local, remote, isCoupled, outcomes }: RecordHistory): void {
  print(
    `${mapping}: local ${readable(local)}, remote ${readable(remote)}${isCoupled ? '' : ' (not coupled)'}`,
  )
  if (outcomes.length === 0)
    say('Nothing has happened to it yet: records that were unchanged leave no trace.')
  for (const outcome of outcomes) printOutcome(outcome)
}

function printOutcome(outcome: StoredOutcome): void {
  const { at, runId, direction, kind, recovered, code, message, changes, warnings } = outcome
  const after = recovered ? ', recognised after an interruption' : ''
  print('')
  print(`${formatTime(at)} UTC  run ${runId}  ${formatDirection(direction)}  ${formatState(kind)}${after}`)
  if (code !== null) print(`  ${code}: ${message ?? ''}`)
  for (const { field, before, after: now } of changes)
    print(`  ${field}: ${displayValue(before)} → ${displayValue(now)}`)
  for (const warning of warnings) print(`  ${warning.code}: ${warning.message}`)
}
