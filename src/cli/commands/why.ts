import type { Command } from 'commander'
import pc from 'picocolors'
import type { Side } from '../../core/mapping/definition.ts'
import type { Finding } from '../../core/sync/explain.ts'
import { displayKey, type RecordKey } from '../../core/values/key.ts'
import { type WhyAnswer, whyRecord } from '../../usecases/records/why-record.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { jsonOption, pairOption, sideOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatDirection, print, printJson } from '../output.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly pair?: string
  readonly side?: Side
  readonly json?: boolean
}

/** `couplet why MAPPING KEY` */
export function addWhy(program: Command, finish: Finish): void {
  program
    .command('why')
    .description('Tell why a record is, or is not, in step with its partner, and what would change it')
    .argument('<mapping>', 'name of the mapping')
    .argument('<key>', 'key or number of the record on either side')
    .addOption(sideOption())
    .addOption(pairOption())
    .addOption(jsonOption())
    .action((mapping: string, key: string, options: Options) => finish(() => tellWhy(mapping, key, options)))
}

function tellWhy(mapping: string, text: string, { pair, side, json }: Options): Promise<number> {
  return withContext(async ({ deps }) => {
    const { id: pairId } = await getPairByName(pair ?? null, deps)
    const answer = await whyRecord({ pairId, mapping, text, side: side ?? null }, deps)
    if (json) printJson({ ...answer, local: shown(answer.local), remote: shown(answer.remote) })
    else printAnswer(answer)
    return exitCodes.good
  })
}

const shown = (key: RecordKey | null): string | null => (key === null ? null : displayKey(key))

function printAnswer({ mapping, local, remote, isInStep, decides, findings }: WhyAnswer): void {
  print(`${mapping}: local ${shown(local) ?? 'none'}, remote ${shown(remote) ?? 'none'}`)
  print('')
  if (isInStep) print(pc.green('The record is in step.'))
  else if (decides) {
    print(`${pc.bold(decides.verdict === 'blocks' ? 'Not in step' : 'On its way')}: ${decides.says}`)
    if (decides.remedy) print(`  ${decides.remedy}`)
  }
  print('')
  for (const finding of findings) print(line(finding))
}

const marks = { fine: pc.green('✓'), pending: pc.yellow('…'), blocks: pc.red('✗') } as const

function line({ check, direction, verdict, says }: Finding): string {
  const where = direction === null ? '' : ` (${formatDirection(direction)})`
  return `${marks[verdict]} ${check}${where}: ${says}`
}
