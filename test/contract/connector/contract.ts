import { afterAll, beforeAll, describe } from 'vitest'
import { accessContract } from './access.ts'
import { changesContract } from './changes.ts'
import { creationContract } from './creation.ts'
import { deletesContract } from './deletes.ts'
import type { ContractSetup, ContractSystem } from './harness.ts'
import { matchingContract } from './matching.ts'
import { readingContract } from './reading.ts'
import { updatesContract } from './updates.ts'
import { valuesContract } from './values.ts'

/** Everything `src/core/ports/connector.ts` promises. Every connector passes it. */
export function connectorContract(name: string, setUp: ContractSetup): void {
  describe(`the ${name} connector`, () => {
    let system: ContractSystem | undefined
    beforeAll(async () => {
      system = await setUp()
    })
    afterAll(() => system?.close())
    const getSystem = (): ContractSystem => {
      if (!system) throw new Error('The system was not set up')
      return system
    }
    readingContract(getSystem)
    valuesContract(getSystem)
    changesContract(getSystem)
    matchingContract(getSystem)
    creationContract(getSystem)
    updatesContract(getSystem)
    deletesContract(getSystem)
    accessContract(getSystem)
  })
}
