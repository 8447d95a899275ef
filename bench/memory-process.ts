import { openEngine } from './engine.ts'

/**
 * Process of its own: `memory-process.ts URL PAGE` runs a first full synchronization and one with nothing to do, and
 * prints its peak resident set in bytes, sampled.
 */
const [url = '', page = ''] = process.argv.slice(2)
const SAMPLE_MS = 5

let peak = 0
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, SAMPLE_MS)
const engine = await openEngine(url, Number(page))
await engine.run('full')
await engine.run('full')
await engine.close()
clearInterval(sampling)
process.stdout.write(`${peak}\n`)
