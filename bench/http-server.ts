import { systemClock } from '../src/app/clock.ts'
import { scope, startBusinessCentral } from '../src/simulators/business-central/simulator.ts'
import { seedSize } from '../src/simulators/dataverse/seed.ts'
import { startDataverse } from '../src/simulators/dataverse/simulator.ts'
import { noLimits } from '../src/simulators/dataverse/throttle.ts'
import type { HttpSystem, Place } from './http-place.ts'

/**
 * Process of its own: `http-server.ts SYSTEM SIZE` serves a simulator without limits, prints where it is as JSON, and ends
 * with its input.
 */
const [system = '', size = ''] = process.argv.slice(2)
const application = { clientId: 'bench', clientSecret: 'of no worth' }

const start: Readonly<Record<HttpSystem, (size: number) => Promise<Place>>> = {
  dataverse: async (customers) => {
    const server = await startDataverse({
      time: systemClock,
      size: seedSize(customers),
      applications: [application],
      limits: noLimits,
    })
    const { url, tenant } = server
    const tokenUrl = `${url}/${tenant}/oauth2/v2.0/token`
    return { ...application, url, tokenUrl, scope: `${url}/.default`, root: url, company: '' }
  },
  'business-central': async (customers) => {
    const server = await startBusinessCentral({
      port: 0,
      host: '127.0.0.1',
      customers,
      seed: 1,
      tenant: 'contoso',
      applications: [application],
      users: [],
      limits: null,
      serviceTime: { requestMs: 0, rowMs: 0 },
      duplicateStatus: 400,
      createsContacts: false,
      clock: systemClock,
      timeScale: 1,
      faults: [],
    })
    const company = server.companies[0]?.name ?? ''
    return {
      ...application,
      url: server.url,
      tokenUrl: server.tokenUrl,
      scope,
      root: server.onlineUrl,
      company,
    }
  },
}

process.stdout.write(`${JSON.stringify(await start[system as HttpSystem](Number(size)))}\n`)
process.stdin.resume().on('end', () => process.exit())
