import { parseArgs } from 'node:util'
import { type BenchServer, startServer } from '../server.ts'
import { measureQueue } from './queue-overhead.ts'
import { formatQueue, formatRequests, formatScale } from './report.ts'
import { measureRequests } from './requests.ts'
import { measureScale } from './scale-out.ts'

const usage = `npm run bench:load -- [--only queue,requests,scale] [--queue URL] [--quick]
  --only   these parts (all)
  --queue  a Redis for the queue; left out: the queue is in the Postgres that the bench starts
  --quick  shows that the bench works, its numbers mean nothing`

type Part = (server: BenchServer, queueUrl: string | null, quick: boolean) => Promise<string>

const parts: Readonly<Record<string, Part>> = {
  async queue(server, queueUrl, quick) {
    const databaseUrl = await server.createDatabase(0)
    return formatQueue(await measureQueue(queueUrl ?? databaseUrl, quick ? 100 : 2_000, quick ? 1 : 5))
  },
  async requests(server, queueUrl, quick) {
    const size = quick ? 2_000 : 100_000
    const perMinute = quick ? 1_200 : 10_000
    return formatRequests(size, await measureRequests(server, { queueUrl, size, perMinute }))
  },
  async scale(server, queueUrl, quick) {
    // As far away as a service on another continent: what scales is waiting, not the processors of one machine.
    const options = { queueUrl, size: quick ? 100 : 2_000, delayMs: quick ? 25 : 75, concurrency: 2 }
    return formatScale(await measureScale(server, options))
  },
}

/** Answers one question: what can many services ask of Couplet, and what do more processes bring? */
async function main(names: readonly string[], queueUrl: string | null, quick: boolean): Promise<void> {
  const server = await startServer()
  try {
    for (const name of names) {
      const part = parts[name]
      if (part === undefined) throw new TypeError(`--only ${name}: expected ${Object.keys(parts).join(', ')}`)
      process.stderr.write(`${name} …\n`)
      console.log(await part(server, queueUrl, quick))
    }
  } finally {
    await server.stop()
  }
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join(',') },
    queue: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage)
else await main(values.only.split(','), values.queue ?? null, values.quick)
