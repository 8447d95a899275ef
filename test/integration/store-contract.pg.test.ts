import { storeContract } from '../contract/store/store-contract.ts'
import { openTestStore } from '../support/store.ts'

storeContract(openTestStore)
