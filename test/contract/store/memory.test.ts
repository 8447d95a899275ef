import { systemClock } from '../../../src/app/clock.ts'
import { createMemoryStore } from '../../support/memory-store/memory-store.ts'
import { storeContract } from './store-contract.ts'

storeContract(async () => ({ store: createMemoryStore(systemClock), close: async () => {} }))
