import { Command, CommanderError } from 'commander'
import { processEnvironment } from '../app/config.ts'
import { packageVersion } from '../app/package-root.ts'
import { SyncError } from '../core/errors.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import { addAlerts } from './commands/alerts.ts'
import { addAnswer } from './commands/answer.ts'
import { addApprove } from './commands/approve.ts'
import { addAudit } from './commands/audit.ts'
import { addBackup } from './commands/backup.ts'
import { addCancel } from './commands/cancel.ts'
import { addConflicts } from './commands/conflicts.ts'
import { addConnectionCommands } from './commands/connection.ts'
import { addConnector } from './commands/connector.ts'
import { addCouple } from './commands/couple.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addHistory } from './commands/history.ts'
import { addIssues } from './commands/issues.ts'
import { addJobs } from './commands/jobs.ts'
import { addKeys } from './commands/keys.ts'
import { addMappings } from './commands/mappings.ts'
import { addMatches } from './commands/matches.ts'
import { addMigrate } from './commands/migrate.ts'
import { addOperations } from './commands/operations.ts'
import { addOutcomes } from './commands/outcomes.ts'
import { addPause } from './commands/pause.ts'
import { addRecover } from './commands/recover.ts'
import { addReset } from './commands/reset.ts'
import { addResolve } from './commands/resolve.ts'
import { addRetry } from './commands/retry.ts'
import { addReview } from './commands/review.ts'
import { addRun } from './commands/run.ts'
import { addRuns } from './commands/runs.ts'
import { addSchedules } from './commands/schedules.ts'
import { addSecrets } from './commands/secrets.ts'
import { addService } from './commands/service.ts'
import { addSessions } from './commands/sessions.ts'
import { addSetup } from './commands/setup.ts'
import { addSimulate } from './commands/simulate.ts'
import { addSync } from './commands/sync.ts'
import { addUncouple } from './commands/uncouple.ts'
import { addUsers } from './commands/users.ts'
import { addWebhooks } from './commands/webhooks.ts'
import { addWhy } from './commands/why.ts'
import { addWorkers } from './commands/workers.ts'
import { exitCodes, exitCodesHelp, type Finish } from './exit-codes.ts'
import { printJson } from './output.ts'
import { failureAsJson, reportError } from './report-error.ts'

/** In the order in which --help lists them. */
const commands = [
  addDemo,
  addSetup,
  addMappings,
  addReview,
  addSync,
  addCouple,
  addMatches,
  addUncouple,
  addAnswer,
  addCancel,
  addRetry,
  addApprove,
  addRuns,
  addRun,
  addJobs,
  addIssues,
  addOperations,
  addConflicts,
  addResolve,
  addOutcomes,
  addHistory,
  addWhy,
  addSchedules,
  addAlerts,
  addWebhooks,
  addPause,
  addConnectionCommands,
  addKeys,
  addUsers,
  addSessions,
  addAudit,
  addSecrets,
  addConnector,
  addSimulate,
  addService,
  addWorkers,
  addDoctor,
  addMigrate,
  addBackup,
  addRecover,
  addReset,
]

/** The program with all its commands; also the source of docs/cli.md. */
export function createProgram(finish: Finish): Command {
  const program = new Command('couplet')
    .description('Keeps the records of two business systems coupled and equal.')
    .version(packageVersion())
    .exitOverride()
    // An argument that is refused is repeated in the message, and may be an address with a password.
    .configureOutput({ writeErr: (text) => process.stderr.write(withoutCredentials(text)) })
    .showSuggestionAfterError()
    .addHelpText('after', `\n${exitCodesHelp}`)
  for (const add of commands) add(program, finish)
  return program
}

/** Runs one command line; returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.good
  const program = createProgram(async (work) => {
    exitCode = await work()
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    const json = args.includes('--json')
    if (error instanceof CommanderError) return endOfUsage(error, json)
    return reportError(error, { json, withStack: processEnvironment()['COUPLET_LOG_LEVEL'] === 'debug' })
  }
}

/** Commander has told people already what is wrong, or shown the help that was asked for. */
function endOfUsage({ exitCode, message }: CommanderError, json: boolean): number {
  if (exitCode === 0) return exitCodes.good
  if (json) printJson(failureAsJson(new SyncError('CONFIG_INVALID', message.replace(/^error: /, ''))))
  return exitCodes.usage
}
