import type { Command } from 'commander'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print } from '../output.ts'
import { commandConfig, withContext } from '../session.ts'

/** `couplet migrate` */
export function addMigrate(program: Command, finish: Finish): void {
  program
    .command('migrate')
    .description('Bring the tables of Couplet up to date, also where COUPLET_MIGRATE is off')
    .action(() =>
      finish(async () => {
        // Opening does it, under a lock: several processes at once are fine.
        await withContext(async () => {}, { ...commandConfig(), migrate: 'auto' })
        print('The tables of Couplet are up to date.')
        return exitCodes.good
      }),
    )
}
