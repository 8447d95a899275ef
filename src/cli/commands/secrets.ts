import type { Command } from 'commander'
import { sealSecret } from '../../app/sealed-secret.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { readInput } from '../input.ts'
import { print, printJson, say } from '../output.ts'
import { commandConfig, whoAsks, withContext } from '../session.ts'

/** `couplet secrets seal|rotate` */
export function addSecrets(program: Command, finish: Finish): void {
  const secrets = program
    .command('secrets')
    .description('Secrets that are stored sealed (COUPLET_SECRET_KEY)')
  secrets
    .command('seal')
    .description('read a secret from the input, and print it sealed, for a setting of this connection')
    .argument('<connection>', 'name of the connection; a sealed secret opens for no other')
    .action((connection: string) => finish(() => seal(connection)))
  secrets
    .command('rotate')
    .description('seal all stored secrets with the first key of COUPLET_SECRET_KEY')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => finish(() => rotate(options)))
}

async function seal(connection: string): Promise<number> {
  print(sealSecret(await readInput(), connection, commandConfig().secretKeys))
  return exitCodes.good
}

function rotate({ json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async (context) => {
    const { rotateSecrets } = await import('../../app/rotate-secrets.ts')
    const rotated = await rotateSecrets(whoAsks(), context)
    if (json) printJson({ rotated })
    for (const { settings, ...of } of json ? [] : rotated)
      print(`${'webhook' in of ? `webhook ${of.webhook}` : of.connection}: ${settings.join(', ')}`)
    say('All stored secrets are sealed with the first key; the others can be taken away.')
    return exitCodes.good
  })
}
