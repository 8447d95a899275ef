import { type Command, Option } from 'commander'
import { showRun } from '../../api/views.ts'
import { approveHeld, listHeldDeletions, rejectHeld } from '../../usecases/deletions/answer-held.ts'
import { jsonOption, parseId, parseWholeNumber } from '../arguments.ts'
import { announce } from '../asked-run.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson, say } from '../output.ts'
import { waitForRun } from '../run-result.ts'
import { whoAsks, withContext } from '../session.ts'

interface Options {
  readonly records?: number
  readonly reject?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

/** `couplet approve RUN [MAPPING]` */
export function addApprove(program: Command, finish: Finish): void {
  program
    .command('approve')
    .description('Show the deletions of a run that are held; approve or reject them')
    .argument('<run>', 'number of the run', parseId)
    .argument('[mapping]', 'only those of this mapping')
    .addOption(
      new Option('--records <n>', 'approve them, if they are exactly as many')
        .argParser(parseWholeNumber(1, 1_000_000_000))
        .conflicts('reject'),
    )
    .option('--reject', 'do nothing about them; each can be decided by itself (`couplet resolve`)')
    .option('--wait', 'work here until the approved ones are done; no running service is needed')
    .addOption(jsonOption())
    .action((runId: number, mapping: string | undefined, options: Options) =>
      finish(() => approve({ runId, mapping: mapping ?? null, by: whoAsks() }, options)),
    )
}

type Request = Parameters<typeof rejectHeld>[0]

function approve(request: Request, options: Options): Promise<number> {
  const { records } = options
  if (records !== undefined && options.wait)
    return waitForRun(({ deps }) => approveHeld({ ...request, records }, deps), options)
  return withContext(async ({ deps }) => {
    if (records !== undefined) {
      const run = await approveHeld({ ...request, records }, deps)
      if (options.json) printJson({ run: showRun(run) })
      else announce(run)
      return exitCodes.good
    }
    const held = options.reject ? await rejectHeld(request, deps) : await listHeldDeletions(request, deps)
    if (options.json) printJson({ held, rejected: options.reject === true })
    else showHeld(request, held, options.reject === true)
    return exitCodes.good
  })
}

function showHeld(
  { runId, mapping }: Request,
  held: Awaited<ReturnType<typeof listHeldDeletions>>,
  isRejected: boolean,
): void {
  for (const { mappingName, records } of held)
    print(
      `${mappingName}: ${records} ${isRejected ? 'deletions are left as they are' : 'deletions are held'}`,
    )
  if (isRejected) return
  const sum = held.reduce((total, { records }) => total + records, 0)
  const name = mapping === null ? '' : ` ${mapping}`
  say('  See them with `couplet issues --code DELETION_HELD`;')
  say(`  approve them with \`couplet approve ${runId}${name} --records ${sum}\`, or \`--reject\` them.`)
}
