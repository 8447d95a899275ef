import { fileURLToPath } from 'node:url'
import { loadConnectorModule } from '../../../src/app/connector-modules.ts'
import { connectorKit } from '../../../src/connectors/contract/kit.ts'
import { present } from '../../../src/lib/assert.ts'
import { testConnector } from './vitest-contract.ts'

const path = fileURLToPath(new URL('../../../examples/rest-connector.ts', import.meta.url))
const { contract } = await loadConnectorModule(path)

testConnector({ name: 'REST (example)', ...(await present(contract, 'contract')(connectorKit)) })
