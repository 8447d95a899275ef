import type { Command } from 'commander'
import pc from 'picocolors'
import { type Finding, worstOf } from '../../core/doctor/finding.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson, printTable, say } from '../output.ts'
import { commandConfig } from '../session.ts'

const shown = {
  good: () => pc.green('good'),
  warning: () => pc.yellow('warning'),
  bad: () => pc.red('bad'),
} as const satisfies Record<Finding['state'], () => string>

const listing = {
  columns: [{ title: 'area' }, { title: 'what' }, { title: 'state' }, { title: 'found' }],
  row: ({ area, what, state, detail, remedy }: Finding) => [
    area,
    what,
    shown[state](),
    remedy === null ? detail : `${detail}\n→ ${remedy}`,
  ],
  empty: '',
}

/** `couplet doctor`: looks at everything an installation needs, and changes nothing. */
export function addDoctor(program: Command, finish: Finish): void {
  program
    .command('doctor')
    .description(
      'look at program, store, queue, processes, systems and work, and say what to do about what is wrong; exit code 1 when something is bad',
    )
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => tell(options)))
}

async function tell(options: { json?: boolean }): Promise<number> {
  const { examineInstallation } = await import('../../app/doctor/examine-installation.ts')
  const { createLog } = await import('../../app/logger.ts')
  const config = commandConfig()
  const findings = await examineInstallation(config, createLog(config))
  const state = worstOf(findings)
  if (options.json) printJson({ state, findings })
  else printTable(findings, listing)
  if (state !== 'good') say(`Something is ${state === 'bad' ? 'wrong' : 'not as it should be'}: see above.`)
  return state === 'bad' ? exitCodes.failed : exitCodes.good
}
