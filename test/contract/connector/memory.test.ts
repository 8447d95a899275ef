import { connectorContract } from './contract.ts'
import { setUpMemory } from './memory-harness.ts'

connectorContract('memory', () => setUpMemory())
connectorContract('memory (with tombstones)', () => setUpMemory({ tombstones: true }))
