import type { Command } from 'commander'
import { type Roles, runProcess } from '../../app/main.ts'
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
    program
      .command(name)
      .description(service.description)
      .action(() => finish(async () => runProcess(await rolesOf(service))))
  }
}

/** The HTTP server is loaded only where it serves: all other commands start sooner. */
async function rolesOf({ worker, scheduler, http }: Service): Promise<Roles> {
  if (!http) return { worker, scheduler, http: null }
  const { httpPart } = await import('../../api/http-part.ts')
  return { worker, scheduler, http: httpPart }
}
