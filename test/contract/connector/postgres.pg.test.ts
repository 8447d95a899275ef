import { connectorContract } from './contract.ts'
import { setUpPostgres } from './postgres-harness.ts'

connectorContract('postgres', setUpPostgres)
