import type { Command } from 'commander'
import { showOutcome } from '../../api/views.ts'
import type { StoredOutcome } from '../../core/ports/operations-store.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { displayValue } from '../../core/values/value.ts'
import { addListOptions, parseId } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, formatState, formatTime, type ListOptions, printPage } from '../output.ts'
import { withContext } from '../session.ts'

const readable = (key: RecordKey | null): string => (key === null ? '' : displayKey(key))

const listing = {
  name: 'outcomes',
  show: showOutcome,
  columns: [
    { title: 'outcome', align: 'right' as const },
    { title: 'at (UTC)' },
    { title: 'mapping' },
    { title: 'direction' },
    { title: 'local' },
    { title: 'remote' },
    { title: 'what' },
    { title: 'details' },
  ],
  row: (outcome: StoredOutcome) => [
    String(outcome.id),
    formatTime(outcome.at),
    outcome.mappingName,
    formatDirection(outcome.direction),
    readable(outcome.localKey),
    readable(outcome.remoteKey),
    formatState(outcome.kind),
    describe(outcome),
  ],
  empty: 'There are no such outcomes: records that were unchanged have none.',
}

function describe({ code, message, kind, changes, warnings }: StoredOutcome): string {
  if (code !== null) return `${code}: ${message ?? ''}`
  const shown = kind === 'inserted' ? [] : changes
  return [
    ...shown.map(({ field, before, after }) => `${field}: ${displayValue(before)} → ${displayValue(after)}`),
    ...warnings.map((warning) => `${warning.code}: ${warning.message}`),
  ].join('; ')
}

interface Options extends ListOptions {
  readonly run?: number
  readonly job?: number
  readonly mapping?: string
}

/** `couplet outcomes` */
export function addOutcomes(program: Command, finish: Finish): void {
  addListOptions(program.command('outcomes'))
    .description('List what happened to each record, newest first')
    .option('--run <id>', 'only outcomes of this run', parseId)
    .option('--job <id>', 'only outcomes of this job', parseId)
    .option('--mapping <name>', 'only outcomes of this mapping')
    .action((options: Options) => finish(() => listOutcomes(options)))
}

function listOutcomes(options: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { limit, before, run = null, job = null, mapping = null } = options
    if (run !== null) await deps.stores.runs.getRun(run)
    const query = { runId: run, jobId: job, mapping, limit, before }
    const outcomes = await deps.stores.operations.listOutcomes(query)
    printPage(outcomes, options, listing)
    return exitCodes.good
  })
}
