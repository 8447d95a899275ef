import { systemClock } from '../../app/clock.ts'
import type { SimulatedSystem } from '../simulators/add-simulator.ts'

const clientId = 'couplet'

/** `couplet simulate dataverse` */
export const simulatedDataverse: SimulatedSystem = {
  name: 'dataverse',
  description: 'Dataverse with the tables of Dynamics 365 Sales, until Ctrl-C',
  async start(options, faults, secret) {
    const { seedSize } = await import('../../simulators/dataverse/seed.ts')
    const { startDataverse } = await import('../../simulators/dataverse/simulator.ts')
    const { noLimits, realLimits } = await import('../../simulators/dataverse/throttle.ts')
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
  },
}
