/** A service for the tests of the life cycle: what it does is named by its arguments, each step is printed. */

import { once } from 'node:events'
import { type Part, runService } from '../../src/app/life-cycle.ts'
import { createLog } from '../../src/app/logger.ts'

const wishes = process.argv.slice(2)
const say = (text: string) => process.stdout.write(`${text}\n`)
const never = () => new Promise<void>(() => {})

function part(name: string): Part {
  const step = async (kind: string) => {
    say(`${kind} ${name}`)
    if (wishes.includes(`${kind}-${name}-throws`)) throw new Error(`${kind} of ${name}`)
    if (wishes.includes(`${kind}-${name}-hangs`)) await never()
    if (wishes.includes(`${kind}-${name}-signalled`)) {
      const delivered = once(process, 'SIGINT')
      process.kill(process.pid, 'SIGINT')
      await delivered
    }
  }
  return { name, start: () => step('start'), drain: () => step('drain'), stop: () => step('stop') }
}

async function work(signal: AbortSignal): Promise<number> {
  say('working')
  if (wishes.includes('work-throws')) throw new Error('work')
  if (wishes.includes('work-until-stopped'))
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  return signal.aborted ? 5 : 2
}

const ready: Part = {
  name: 'ready',
  start: async () => {
    say('ready')
    if (wishes.includes('rejection')) void Promise.reject(new Error('nobody listens'))
    if (wishes.includes('exception')) setImmediate(() => JSON.parse('{'))
  },
}

process.exitCode = await runService({
  parts: [part('store'), part('worker'), part('http'), ready],
  ...(wishes.some((wish) => wish.startsWith('work')) ? { work } : {}),
  shutdownMs: wishes.includes('impatient') ? 300 : 20_000,
  log: createLog({ logLevel: 'info', logFormat: 'json' }),
})
say('end')
