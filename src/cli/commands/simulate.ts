import type { Command } from 'commander'
import type { Finish } from '../exit-codes.ts'
import { addSimulator } from '../simulators/add-simulator.ts'
import { simulatedBusinessCentral } from './simulate-business-central.ts'
import { simulatedDataverse } from './simulate-dataverse.ts'

/** `couplet simulate dataverse|business-central`: the business systems as local servers, for trials and tests. */
export function addSimulate(program: Command, finish: Finish): void {
  const simulate = program
    .command('simulate')
    .description('Business systems as local HTTP servers, to try things out with')
  for (const system of [simulatedDataverse, simulatedBusinessCentral]) addSimulator(simulate, finish, system)
}
