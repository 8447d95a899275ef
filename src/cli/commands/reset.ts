import type { Command } from 'commander'
import { SyncError } from '../../core/errors.ts'
import { askYesNo, canAsk } from '../end-question.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print, say } from '../output.ts'
import { commandConfig } from '../session.ts'

/** `couplet reset` */
export function addReset(program: Command, finish: Finish): void {
  program
    .command('reset')
    .description(
      'Remove the embedded server with everything Couplet remembers in it; nothing in your own databases',
    )
    .option('--yes', 'do not ask')
    .action((options: { yes?: boolean }) => finish(() => reset(options.yes === true)))
}

async function reset(sure: boolean): Promise<number> {
  const config = commandConfig()
  const confirmed = sure || config.databaseUrl !== null || (await confirm(config.dataDir))
  if (!confirmed) {
    say('Nothing was removed.')
    return exitCodes.failed
  }
  const { resetData } = await import('../../app/reset.ts')
  const removed = await resetData(config)
  print(removed ? `Removed the data in ${config.dataDir}.` : `There was no data in ${config.dataDir}.`)
  return exitCodes.good
}

async function confirm(folder: string): Promise<boolean> {
  if (!canAsk(false)) {
    throw new SyncError(
      'CONFIG_INVALID',
      `This removes all data in ${folder} for good; say --yes to confirm it`,
    )
  }
  const question = `Remove mappings, couplings and history in ${folder} for good? [y/n] `
  return (await askYesNo(question, new AbortController().signal)) === 'yes'
}
