import type { Command } from 'commander'
import { systemClock } from '../../app/clock.ts'
import type { Finish } from '../exit-codes.ts'
import { commandConfig } from '../session.ts'
import { readFaults } from '../simulators/faults.ts'
import { addSimulatorOptions, type SimulatorOptions } from '../simulators/options.ts'
import { secretOf } from '../simulators/secret.ts'
import { serveSimulator } from '../simulators/serve.ts'

/** `couplet simulate dataverse` */
export function addSimulateDataverse(group: Command, finish: Finish): void {
  addSimulatorOptions(group.command('dataverse'))
    .description('Dataverse with the tables of Dynamics 365 Sales, until Ctrl-C')
    .action((options: SimulatorOptions) => finish(() => simulate(options)))
}

const clientId = 'couplet'

async function simulate(options: SimulatorOptions): Promise<number> {
  const config = commandConfig()
  const [faults, secret] = await Promise.all([
    readFaults(options.faults ?? null),
    secretOf('dataverse', options.secret ?? null, config),
  ])
  const { seedSize } = await import('../../simulators/dataverse/seed.ts')
  const { startDataverse } = await import('../../simulators/dataverse/simulator.ts')
  const { noLimits, realLimits } = await import('../../simulators/dataverse/throttle.ts')
  return serveSimulator(config, async () => {
    const server = await startDataverse({
      time: systemClock,
      scale: options.timeScale,
      port: options.port,
      host: options.host,
      size: seedSize(options.size),
      seed: options.seed,
      applications: [{ clientId, clientSecret: secret.value }],
      limits: options.limits ? realLimits : noLimits,
      faults,
    })
    return {
      server,
      facts: [
        ['Dataverse', server.url],
        ['Web API', `${server.url}/api/data/v9.2/`],
        ['Token', `${server.url}/${server.tenant}/oauth2/v2.0/token`],
        ['Tenant', server.tenant],
        ['Client id', clientId],
        ['Client secret', secret.reference],
        ['Scope', `${server.url}/.default`],
        ['Admin', `${server.url}/_admin/tables`],
      ],
    }
  })
}
