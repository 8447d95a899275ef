import { type Command, Option } from 'commander'
import { parseAddressReference, parseWholeNumber } from '../arguments.ts'

export interface SimulatorOptions {
  readonly port: number
  readonly host: string
  readonly size: number
  readonly seed: number
  readonly timeScale: number
  /** False with `--no-limits`. */
  readonly limits: boolean
  readonly faults?: string
  readonly secret?: string
}

/** What every simulated system can be told on the command line. */
export function addSimulatorOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--port <n>', 'port to listen on; 0 takes a free one')
        .argParser(parseWholeNumber(0, 65_535))
        .default(0),
    )
    .addOption(new Option('--host <name>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--size <customers>', 'how many customers; everything else in proportion')
        .argParser(parseWholeNumber(0, 1_000_000))
        .default(1_000),
    )
    .addOption(
      new Option('--seed <n>', 'another seed makes other data')
        .argParser(parseWholeNumber(0, 2 ** 31))
        .default(1),
    )
    .addOption(
      new Option('--time-scale <n>', 'windows and waits are so many times shorter')
        .argParser(parseWholeNumber(1, 1_000))
        .default(1),
    )
    .option('--no-limits', 'no limits of requests, time and concurrency')
    .option('--faults <file>', 'faults to begin with, as YAML or JSON')
    .addOption(
      new Option('--secret <reference>', 'client secret: env:NAME or file:/path')
        .argParser(parseAddressReference)
        .default(undefined, 'a new one, in a file under `COUPLET_DATA_DIR`'),
    )
}
