import type { Command } from 'commander'
import type { Finish } from '../exit-codes.ts'
import { addSimulateBusinessCentral } from './simulate-business-central.ts'
import { addSimulateDataverse } from './simulate-dataverse.ts'

/** `couplet simulate dataverse|business-central`: the business systems as local servers, for trials and tests. */
export function addSimulate(program: Command, finish: Finish): void {
  const simulate = program
    .command('simulate')
    .description('Business systems as local HTTP servers, to try things out with')
  addSimulateDataverse(simulate, finish)
  addSimulateBusinessCentral(simulate, finish)
}
