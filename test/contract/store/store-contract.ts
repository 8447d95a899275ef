import { afterAll, beforeAll } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { budgetContract } from './budget-contract.ts'
import { controlContract } from './control-contract.ts'
import { deletionContract } from './deletion-contract.ts'
import { issueChangeContract } from './issue-change-contract.ts'
import { issueContract } from './issue-contract.ts'
import { leaseContract } from './lease-contract.ts'
import { ledgerContract } from './ledger-contract.ts'
import { lineContract } from './line-contract.ts'
import { listContract } from './list-contract.ts'
import { mappingContract } from './mapping-contract.ts'
import { operationsContract } from './operations-contract.ts'
import { previewContract } from './preview-contract.ts'
import { runContract } from './run-contract.ts'
import { scheduleContract } from './schedule-contract.ts'
import { syncContract } from './sync-contract.ts'

/** What every store must do. `makeStore` opens an empty one. */
export function storeContract(makeStore: () => Promise<{ store: Store; close(): Promise<void> }>): void {
  let opened: Awaited<ReturnType<typeof makeStore>>
  beforeAll(async () => {
    opened = await makeStore()
  })
  afterAll(() => opened.close())
  const store = () => opened.store
  mappingContract(store)
  leaseContract(store)
  syncContract(store)
  issueContract(store)
  ledgerContract(store)
  deletionContract(store)
  issueChangeContract(store)
  runContract(store)
  listContract(store)
  lineContract(store)
  operationsContract(store)
  previewContract(store)
  budgetContract(store)
  scheduleContract(store)
  controlContract(store)
}
