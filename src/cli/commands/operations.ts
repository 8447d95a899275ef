import { type Command, Option } from 'commander'
import { showOperation, showRecord } from '../../api/operation-view.ts'
import {
  type BulkOperation,
  type BulkRecord,
  type BulkRecordState,
  type BulkState,
  bulkRecordStates,
  bulkStates,
} from '../../core/bulk/operation.ts'
import { displayKey } from '../../core/values/key.ts'
import { cancelOperation } from '../../usecases/bulk/cancel-operation.ts'
import { addDefaultList, addListOptions, jsonOption, parseId, parseWholeNumber } from '../arguments.ts'
import { progressText } from '../bulk.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatCount } from '../format.ts'
import {
  formatState,
  formatTime,
  type ListOptions,
  print,
  printJson,
  printPage,
  printTable,
  say,
} from '../output.ts'
import { act, withContext } from '../session.ts'

const number = (title: string) => ({ title, align: 'right' as const })

const listing = {
  name: 'operations',
  show: showOperation,
  columns: [
    number('operation'),
    { title: 'kind' },
    { title: 'mapping' },
    { title: 'state' },
    number('selected'),
    number('done'),
    number('refused'),
    number('failed'),
    { title: 'created (UTC)' },
    { title: 'by' },
  ],
  row: ({ id, task, mapping, state, counts, createdAt, requestedBy }: BulkOperation) => [
    String(id),
    task.kind,
    mapping ?? '',
    formatState(state),
    formatCount(counts.selected),
    formatCount(counts.done),
    formatCount(counts.refused),
    formatCount(counts.failed),
    formatTime(createdAt),
    requestedBy,
  ],
  empty: 'There are no operations.',
}

const recordListing = {
  columns: [
    number('position'),
    { title: 'mapping' },
    { title: 'record' },
    number('issue or coupling'),
    { title: 'state' },
    { title: 'code' },
    { title: 'message' },
  ],
  row: ({ position, mappingName, key, subjectId, state, code, message }: BulkRecord) => [
    String(position),
    mappingName ?? '',
    key === null ? '' : displayKey(key),
    String(subjectId),
    formatState(state),
    code ?? '',
    message ?? '',
  ],
  empty: 'There are no such records.',
}

interface ShowOptions {
  readonly records?: boolean
  readonly state?: BulkRecordState
  readonly limit: number
  readonly after: number
  readonly json?: boolean
}

/** `couplet operations list|show|cancel` */
export function addOperations(program: Command, finish: Finish): void {
  const operations = program
    .command('operations')
    .description('Changes of many records that somebody has asked for, and how far they are')
  addListOptions(addDefaultList(operations))
    .description('list operations, newest first; `couplet operations` does it, too')
    .addOption(new Option('--state <state>', 'only operations in this state').choices(bulkStates))
    .action((options: ListOptions & { state?: BulkState }) => finish(() => list(options)))
  operations
    .command('show')
    .description('show one operation, and what has become of its records')
    .argument('<operation>', 'number of the operation', parseId)
    .option('--records', 'its records, in the order in which they are worked off')
    .addOption(new Option('--state <state>', 'only records in this state').choices(bulkRecordStates))
    .addOption(
      new Option('--limit <n>', 'how many records to show').argParser(parseWholeNumber(1, 1_000)).default(50),
    )
    .addOption(
      new Option('--after <position>', 'only records behind this one')
        .argParser(parseId)
        .default(0, 'the first'),
    )
    .addOption(jsonOption())
    .action((id: number, options: ShowOptions) => finish(() => show(id, options)))
  operations
    .command('cancel')
    .description('end an operation; what was done stays done')
    .argument('<operation>', 'number of the operation', parseId)
    .option('--reason <text>', 'why, for the audit log')
    .addOption(jsonOption())
    .action((id: number, options: { reason?: string; json?: boolean }) => finish(() => cancel(id, options)))
}

function list(options: ListOptions & { readonly state?: BulkState }): Promise<number> {
  return withContext(async ({ deps }) => {
    const { limit, before, state = null } = options
    const operations = await deps.stores.bulk.list({
      limit,
      before,
      state,
      pairId: null,
      mapping: null,
      kind: null,
    })
    printPage(operations, options, listing)
    return exitCodes.good
  })
}

function show(id: number, options: ShowOptions): Promise<number> {
  const { records: wanted, state = null, limit, after, json } = options
  return withContext(async ({ deps }) => {
    const operation = await deps.stores.bulk.get(id)
    const isAsked = wanted === true || state !== null
    const records = isAsked ? await deps.stores.bulk.listRecords({ id, limit, after, state }) : []
    if (json) {
      const more = isAsked ? { records: records.map(showRecord) } : {}
      printJson({ operation: showOperation(operation), ...more })
      return exitCodes.good
    }
    for (const line of describe(operation)) print(line)
    if (!isAsked) return exitCodes.good
    print('')
    printTable(records, recordListing)
    if (records.length === limit) say(`There may be more: --after ${records.at(-1)?.position}`)
    return exitCodes.good
  })
}

function describe(operation: BulkOperation): readonly string[] {
  const { task, state, selection, requestedBy, reason, runIds, error, cancelledBy } = operation
  return [
    `${task.kind} (${selection.of}): ${formatState(state)}`,
    progressText(operation),
    `asked for by ${requestedBy}, ${formatTime(operation.createdAt)} UTC${reason === null ? '' : `: ${reason}`}`,
    ...(cancelledBy === null ? [] : [`cancelled by ${cancelledBy}`]),
    ...(error === null ? [] : [`${error.code}: ${error.message}`]),
    ...runIds.map((runId) => `carried out by run ${runId}: \`couplet run ${runId}\``),
  ]
}

function cancel(
  id: number,
  { reason, json }: { readonly reason?: string; readonly json?: boolean },
): Promise<number> {
  return withContext(async ({ deps }) => {
    const operation = await cancelOperation(id, act(reason), deps)
    if (json) printJson({ operation: showOperation(operation) })
    else print(`Operation ${id} is cancelled: ${formatCount(operation.counts.done)} were done before.`)
    return exitCodes.good
  })
}
