import { setUpPostgres } from './postgres-harness.ts'
import { testConnector } from './vitest-contract.ts'

testConnector({ name: 'postgres', setUp: setUpPostgres })
