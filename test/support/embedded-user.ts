/** A process that uses the embedded server of the folder given, until a line on stdin or SIGINT tells it to let go. */
import { once } from 'node:events'
import { createLog } from '../../src/app/logger.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'

const interrupted = once(process, 'SIGINT').then(() => process.stdout.write('interrupted\n'))
const server = await startEmbeddedPostgres({
  dataDir: process.argv[2] ?? '',
  log: createLog({ logLevel: 'debug', logFormat: 'json' }),
})
await server.ensureDatabase('shared')
process.stdout.write(`url ${server.url('shared')}\n`)
await Promise.race([once(process.stdin, 'data'), interrupted.then(() => once(process.stdin, 'data'))])
await server.release()
process.stdout.write('released\n')
process.stdin.destroy()
