import type { Command } from 'commander'
import type { Fault } from '../../simulators/kit/faults.ts'
import type { Finish } from '../exit-codes.ts'
import { commandConfig } from '../session.ts'
import { readFaults } from './faults.ts'
import { addSimulatorOptions, type SimulatorOptions } from './options.ts'
import { type SimulatorSecret, secretOf } from './secret.ts'
import { type ServedSimulator, serveSimulator } from './serve.ts'

export interface SimulatedSystem {
  /** The word on the command line. */
  readonly name: 'dataverse' | 'business-central'
  readonly description: string
  start(
    options: SimulatorOptions,
    faults: readonly Fault[],
    secret: SimulatorSecret,
  ): Promise<ServedSimulator>
}

/** `couplet simulate NAME`: reads faults and secret, then serves until Ctrl-C. */
export function addSimulator(group: Command, finish: Finish, system: SimulatedSystem): void {
  const simulate = async (options: SimulatorOptions): Promise<number> => {
    const config = commandConfig()
    const [faults, secret] = await Promise.all([
      readFaults(options.faults ?? null),
      secretOf(system.name, options.secret ?? null, config),
    ])
    return serveSimulator(config, () => system.start(options, faults, secret))
  }
  addSimulatorOptions(group.command(system.name))
    .description(system.description)
    .action((options: SimulatorOptions) => finish(() => simulate(options)))
}
