import { runProcess } from '../../src/app/main.ts'

/**
 * A whole worker and scheduler, loaded and waiting for the word: the test says when it starts and where it dies. Ends
 * with the test that started it, whatever happens to that.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send?.('loaded')
const orders = await new Promise<Record<string, string>>((resolve) =>
  process.once('message', (message) => resolve(message as Record<string, string>)),
)
Object.assign(process.env, orders)
process.exitCode = await runProcess({ worker: true, scheduler: true, http: null })
process.removeAllListeners('disconnect')
process.disconnect?.()
