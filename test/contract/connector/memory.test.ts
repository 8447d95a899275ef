import { setUpMemory } from './memory-harness.ts'
import { testConnector } from './vitest-contract.ts'

testConnector({ name: 'memory', setUp: () => setUpMemory() })
testConnector({ name: 'memory (with tombstones)', setUp: () => setUpMemory({ tombstones: true }) })
