import { readOnce } from './http.ts'
import type { HttpSystem, Place } from './http-place.ts'

/** Process of its own: `http-memory-process.ts SYSTEM PLACE PAGE` reads a table and prints its peak resident set in bytes. */
const [system = '', place = '', page = ''] = process.argv.slice(2)
const SAMPLE_MS = 5

let peak = 0
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, SAMPLE_MS)
await readOnce(system as HttpSystem, JSON.parse(place) as Place, Number(page))
clearInterval(sampling)
process.stdout.write(`${peak}\n`)
