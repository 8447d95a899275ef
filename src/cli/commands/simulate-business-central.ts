import { systemClock } from '../../app/clock.ts'
import type { SimulatedSystem } from '../simulators/add-simulator.ts'

/** Client id online, user name on-premises; the secret is the web service access key, too. */
const clientId = 'couplet'

/** `couplet simulate business-central` */
export const simulatedBusinessCentral: SimulatedSystem = {
  name: 'business-central',
  description: 'Business Central with API v2.0, a custom API and page web services, until Ctrl-C',
  async start(options, faults, secret) {
    const { onlineLimits } = await import('../../simulators/business-central/server/site.ts')
    const { scope, startBusinessCentral } = await import('../../simulators/business-central/simulator.ts')
    const server = await startBusinessCentral({
      port: options.port,
      host: options.host,
      customers: options.size,
      seed: options.seed,
      tenant: 'contoso',
      applications: [{ clientId, clientSecret: secret.value }],
      users: [{ name: clientId, accessKey: secret.value }],
      limits: options.limits ? onlineLimits : null,
      serviceTime: { requestMs: 0, rowMs: 0 },
      duplicateStatus: 400,
      createsContacts: true,
      clock: systemClock,
      timeScale: options.timeScale,
      faults,
    })
    return {
      server,
      facts: [
        ['Business Central', server.url],
        ['API v2.0', `${server.onlineUrl}/api/v2.0/`],
        ['Custom API', `${server.onlineUrl}/api/couplet/sync/v1.0/`],
        ['Page web services', `${server.onPremisesUrl}/ODataV4/`],
        ...server.companies.map(({ id, name }) => ['Company', `${name} (${id})`] as const),
        ['Token', server.tokenUrl],
        ['Tenant', 'contoso'],
        ['Client id', clientId],
        ['Client secret', secret.reference],
        ['Scope', scope],
        ['User on-premises', clientId],
        ['Access key', secret.reference],
        ['Admin', `${server.url}/_admin/tables`],
      ],
    }
  },
}
