import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig, processEnvironment } from '../../app/config.ts'
import type { Roles } from '../../app/main.ts'
import { type WorkerQueue, workerQueues } from '../../app/worker-queues.ts'
import { parseWholeNumber } from '../arguments.ts'
import type { Finish } from '../exit-codes.ts'

interface Service {
  readonly description: string
  readonly worker: boolean
  readonly scheduler: boolean
  readonly http: boolean
}

const services: Readonly<Record<string, Service>> = {
  start: {
    description: 'Run everything in one process: scheduler, worker and HTTP server',
    worker: true,
    scheduler: true,
    http: true,
  },
  worker: {
    description: 'Run a worker; any number of them, on any number of machines',
    worker: true,
    scheduler: false,
    http: false,
  },
  scheduler: {
    description: 'Run the scheduler and the sweeper',
    worker: false,
    scheduler: true,
    http: false,
  },
  api: { description: 'Run the HTTP server', worker: false, scheduler: false, http: true },
}

/** `couplet start|worker|scheduler|api`: run until they are told to stop, with JSON logs on stderr. */
export function addService(program: Command, finish: Finish): void {
  for (const [name, service] of Object.entries(services)) {
    const command = program.command(name).description(service.description)
    if (name === 'worker') {
      command
        .addOption(
          new Option('--queues <names>', `what it takes, with commas: ${workerQueues.join(', ')}`).argParser(
            parseQueues,
          ),
        )
        .addOption(
          new Option('--concurrency <n>', 'lines at once, instead of COUPLET_CONCURRENCY').argParser(
            parseWholeNumber(1, 100),
          ),
        )
    }
    command.action((options: WorkerOptions) => finish(() => run(service, options)))
  }
}

interface WorkerOptions {
  readonly queues?: readonly WorkerQueue[]
  readonly concurrency?: number
}

async function run(service: Service, { queues, concurrency }: WorkerOptions): Promise<number> {
  const roles = await rolesOf(service)
  const env = processEnvironment()
  const config = loadConfig(
    concurrency === undefined ? env : { ...env, COUPLET_CONCURRENCY: String(concurrency) },
  )
  const { runProcess } = await import('../../app/main.ts')
  return runProcess(queues === undefined ? roles : { ...roles, queues }, config)
}

function parseQueues(text: string): readonly WorkerQueue[] {
  return text.split(',').map((word) => {
    const queue = workerQueues.find((name) => name === word.trim())
    if (queue !== undefined) return queue
    throw new InvalidArgumentError(
      `Expected one or more of ${workerQueues.join(', ')}, with commas between them.`,
    )
  })
}

/** The HTTP server is loaded only where it serves: all other commands start sooner. */
async function rolesOf({ worker, scheduler, http }: Service): Promise<Roles> {
  if (!http) return { worker, scheduler, http: null }
  const { httpPart } = await import('../../api/http-part.ts')
  return { worker, scheduler, http: httpPart }
}
