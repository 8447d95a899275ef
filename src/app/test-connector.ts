import { basename, resolve } from 'node:path'
import { connectorKit } from '../connectors/contract/kit.ts'
import type { ContractResult } from '../connectors/contract/run-contract.ts'
import { SyncError } from '../core/errors.ts'
import { loadConnectorModule } from './connector-modules.ts'

export type { ContractResult } from '../connectors/contract/run-contract.ts'

/** Longest time one test may take. */
const limitMs = 60_000

/**
 * Holds the connector of a file to the contract that every connector of Couplet passes; `only`: words of the tests to
 * run, or empty. Throws CONFIG_INVALID when the file cannot be run or says nothing to test with.
 */
export async function testConnectorFile(
  file: string,
  { only, onResult }: { readonly only: string; readonly onResult: (result: ContractResult) => void },
): Promise<readonly ContractResult[]> {
  const { contract } = await loadConnectorModule(resolve(file))
  if (!contract) {
    const message = `The connector of ${file} has no \`contract\`, which says what to test it with (docs/connectors.md)`
    throw new SyncError('CONFIG_INVALID', message)
  }
  // Only here, because the tools of tests take a while to load.
  const { runContract } = await import('../connectors/contract/run-contract.ts')
  return runContract({ name: basename(file), ...(await contract(connectorKit)) }, { only, onResult, limitMs })
}
