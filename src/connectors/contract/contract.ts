import { accessContract } from './access.ts'
import { changesContract } from './changes.ts'
import { creationContract } from './creation.ts'
import { deletesContract } from './deletes.ts'
import { matchingContract } from './matching.ts'
import { readingContract } from './reading.ts'
import { type ContractSubject, createSuite, needing, type TestRunner } from './suite.ts'
import { updatesContract } from './updates.ts'
import { valuesContract } from './values.ts'

/** Everything `src/core/ports/connector.ts` promises. Every connector passes it. */
export function connectorContract(runner: TestRunner, subject: ContractSubject): void {
  runner.describe(`the ${subject.name} connector`, () => {
    const suite = createSuite(runner, subject)
    readingContract(suite)
    valuesContract(suite)
    changesContract(suite)
    matchingContract(suite)
    const writing = needing(suite, 'writing')
    creationContract(writing)
    updatesContract(writing)
    deletesContract(needing(writing, 'deleting'))
    accessContract(suite)
  })
}
