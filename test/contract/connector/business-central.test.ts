import type { Fault } from '../../../src/simulators/kit/faults.ts'
import { businessCentralLimits, setUpBusinessCentral } from './business-central-harness.ts'
import { testConnector } from './vitest-contract.ts'

testConnector({ name: 'Business Central', setUp: () => setUpBusinessCentral(), ...businessCentralLimits })

const network = { user: 'sync-app', part: false }
const read = { ...network, method: 'GET' }

/** What a busy service and a bad network do all the time, as far as it must not be noticed. */
const faults: readonly Fault[] = [
  { kind: 'status', status: 429, before: true, match: network, times: null, skip: 0, every: 7 },
  { kind: 'status', status: 503, retryAfter: 1, before: true, match: read, times: null, skip: 2, every: 11 },
  { kind: 'reset', when: 'before', chunked: false, match: read, times: null, skip: 3, every: 13 },
  { kind: 'reset', when: 'middle', chunked: true, match: read, times: null, skip: 5, every: 17 },
  { kind: 'expire-tokens', match: network, times: null, skip: 11, every: 23 },
  {
    kind: 'status',
    status: 429,
    code: 'Application_TooManyRequests',
    before: true,
    match: { part: true },
    times: null,
    skip: 0,
    every: 5,
  },
]

testConnector({
  name: 'Business Central, throttled and over a bad network,',
  setUp: () => setUpBusinessCentral(faults),
  ...businessCentralLimits,
})
