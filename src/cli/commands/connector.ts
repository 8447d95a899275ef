import { type Command, Option } from 'commander'
import pc from 'picocolors'
import type { ContractResult } from '../../app/test-connector.ts'
import { SyncError } from '../../core/errors.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, printJson } from '../output.ts'

interface Options {
  readonly only: string
  readonly json?: boolean
}

/** `couplet connector test` */
export function addConnector(program: Command, finish: Finish): void {
  const connector = program.command('connector').description("Connectors of one's own (docs/connectors.md)")
  connector
    .command('test')
    .description('hold a connector to the contract that every connector of Couplet passes')
    .argument('<file>', 'TypeScript or JavaScript file that exports `connector`')
    .addOption(new Option('--only <words>', 'only tests whose names hold these words').default('', 'all'))
    .addOption(jsonOption())
    .action((file: string, options: Options) => finish(() => test(file, options)))
}

async function test(file: string, { only, json }: Options): Promise<number> {
  let part = ''
  const { testConnectorFile } = await import('../../app/test-connector.ts')
  const results = await testConnectorFile(file, {
    only,
    onResult: (result) => {
      if (json) return
      if (result.part !== part) print(pc.bold(result.part))
      part = result.part
      show(result)
    },
  })
  if (results.length === 0)
    throw new SyncError('CONFIG_INVALID', `No test of the contract is called '${only}'`)
  const count = (wanted: ContractResult['result']) => results.filter(({ result }) => result === wanted).length
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
  if (json) printJson({ ...counts, results })
  else print(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed > 0 ? exitCodes.failed : exitCodes.good
}

const signs = { passed: pc.green('✓'), failed: pc.red('✗'), skipped: pc.yellow('–') }

function show({ name, result, reason }: ContractResult): void {
  print(`  ${signs[result]} ${name}${result === 'skipped' ? pc.dim(` (${reason})`) : ''}`)
  if (result === 'failed') print((reason ?? '').replace(/^/gm, '      '))
}
