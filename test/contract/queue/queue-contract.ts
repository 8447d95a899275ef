import { flowContract } from './flow-contract.ts'
import type { QueueServer } from './harness.ts'
import { scheduleContract } from './schedule-contract.ts'
import { workerContract } from './worker-contract.ts'

/** Everything a back end of the queue must do; `makeServer` gives each part a server that may be flushed. */
export function queueContract(name: string, makeServer: () => Promise<QueueServer>): void {
  flowContract(name, makeServer)
  workerContract(name, makeServer)
  scheduleContract(name, makeServer)
}
