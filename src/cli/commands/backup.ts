import type { Command } from 'commander'
import { readBackupFile, writeBackupFile } from '../../app/backup-file.ts'
import { isSealed } from '../../app/sealed-secret.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print } from '../output.ts'
import { commandConfig, whoAsks, withContext } from '../session.ts'

/** `couplet backup` and `couplet restore` */
export function addBackup(program: Command, finish: Finish): void {
  program
    .command('backup')
    .description(
      'write mappings, couplings, issues, schedules and alert rules into one file, without secrets',
    )
    .argument('<file>', 'file to write')
    .action((file: string) => finish(() => backup(file)))
  program
    .command('restore')
    .description('put a backup into an empty store; stop all services before')
    .argument('<file>', 'file that `couplet backup` wrote')
    .option('--replace', 'throw away what the store holds')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action((file: string, options: { replace?: boolean; reason: string }) =>
      finish(() => restore(file, options)),
    )
}

/** What is taken before an update must not be the update: it migrates nothing. */
function backup(file: string): Promise<number> {
  return withContext(
    async ({ care }) => {
      await writeBackupFile(file, care.backup.readBackup(isSealed))
      print(`The backup is in ${file}`)
      return exitCodes.good
    },
    { ...commandConfig(), migrate: 'off' },
  )
}

function restore(
  file: string,
  { replace = false, reason }: { replace?: boolean; reason: string },
): Promise<number> {
  return withContext(async ({ care }) => {
    await care.backup.restoreBackup(readBackupFile(file), { replace, reason, by: whoAsks() })
    print('The backup is restored. Next: couplet recover (docs/disaster.md)')
    return exitCodes.good
  })
}
