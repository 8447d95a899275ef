import { afterAll, beforeAll, describe, test } from 'vitest'
import { connectorContract } from '../../../src/connectors/contract/contract.ts'
import type { ContractSubject } from '../../../src/connectors/contract/suite.ts'

/** Holds a connector to the contract, as tests of vitest. */
export function testConnector(subject: ContractSubject): void {
  const skip = (name: string, reason: string) => test.skip(`${name} (${reason})`, () => {})
  connectorContract({ describe, test, skip, beforeAll, afterAll }, subject)
}
