import { dataverseLimits, setUpDataverse } from './dataverse-harness.ts'
import { testConnector } from './vitest-contract.ts'

testConnector({ name: 'Dataverse', setUp: () => setUpDataverse(), ...dataverseLimits })

const network = { user: 'app-1', part: false }
const read = { ...network, method: 'GET' }

/** What a busy service and a bad network do all the time, as far as it must not be noticed. */
const faults = [
  { kind: 'status', status: 429, retryAfter: 3, code: '0x80072322', match: network, times: null, every: 7 },
  { kind: 'status', status: 503, retryAfter: 1, match: read, times: null, skip: 2, every: 11 },
  { kind: 'reset', when: 'before', match: read, times: null, skip: 3, every: 13 },
  { kind: 'reset', when: 'middle', chunked: true, match: read, times: null, skip: 5, every: 17 },
  { kind: 'expire-tokens', match: network, times: null, skip: 11, every: 23 },
  // Of a bulk creation, so that the records are created one by one.
  {
    kind: 'status',
    status: 500,
    before: false,
    match: { ...network, url: 'CreateMultiple' },
    times: null,
    every: 2,
  },
]

testConnector({
  name: 'Dataverse, throttled and over a bad network,',
  setUp: () => setUpDataverse(faults),
  ...dataverseLimits,
})
