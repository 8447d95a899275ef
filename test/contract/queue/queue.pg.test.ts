import { makePostgresServer } from './harness.ts'
import { queueContract } from './queue-contract.ts'

queueContract('Postgres queue', makePostgresServer)
