import { writeFile } from 'node:fs/promises'
import { type DecisionRates, measureDecisions } from './decide.ts'
import { openEngine } from './engine.ts'
import { type HttpTimes, MOST_CREATED, measureHttp, measureHttpPeak } from './http.ts'
import type { HttpSystem } from './http-place.ts'
import { measureMatching } from './matching.ts'
import type { Times } from './measure.ts'
import { measurePeak } from './memory.ts'
import { type BenchOptions, type BenchPart, parseOptions, usage } from './options.ts'
import {
  compare,
  formatMemory,
  formatResults,
  type HttpResults,
  type Results,
  summarizeEngine,
  summarizeHttp,
} from './results.ts'
import { type Round, runRound } from './rounds.ts'
import { type BenchServer, startServer } from './server.ts'

/** Answers one question: how much of what this machine and this Postgres can do does Couplet's care cost? */
async function bench(options: BenchOptions): Promise<Results> {
  const server = await startServer()
  const { size, pageSize, runs, quick, parts } = options
  const measure = async <T>(part: BenchPart, work: () => Promise<T>): Promise<T | null> => {
    if (!parts.includes(part)) return null
    note(part)
    return work()
  }
  try {
    return {
      options: { size, pageSize, runs, quick, parts },
      engine: await measure('engine', async () => summarizeEngine(size, await runRounds(server, options))),
      decisions: await measure('decide', () => decide(server, options)),
      peak: await measure('memory', () => peakOf(server, options)),
      matching: await measure('matching', async () => compare(size, await matchRounds(server, options))),
      http: {
        dataverse: await measure('dataverse', () => overHttp('dataverse', options)),
        'business-central': await measure('business-central', () => overHttp('business-central', options)),
      },
    }
  } finally {
    await server.stop()
  }
}

async function peakOf(server: BenchServer, { size, pageSize }: BenchOptions): Promise<Results['peak']> {
  return {
    small: await measurePeak(server, Math.ceil(size / 10), pageSize),
    large: await measurePeak(server, size, pageSize),
  }
}

async function runRounds(server: BenchServer, { size, pageSize, runs }: BenchOptions): Promise<Round[]> {
  note('warm-up')
  await runRound(server, { size: Math.ceil(size / 10), pageSize, engineFirst: true })
  const rounds: Round[] = []
  for (let index = 0; index < runs; index += 1) {
    note(`round ${index + 1} of ${runs}`)
    rounds.push(await runRound(server, { size, pageSize, engineFirst: index % 2 === 1 }))
  }
  return rounds
}

async function matchRounds(server: BenchServer, { size, pageSize, runs }: BenchOptions): Promise<Times[]> {
  const times: Times[] = []
  for (let index = 0; index < runs; index += 1) {
    note(`matching ${index + 1} of ${runs}`)
    times.push(await measureMatching(server, { size, pageSize, engineFirst: index % 2 === 1 }))
  }
  return times
}

/** A quarter of the size, since each round reads it three times; memory at the size and at ten times that. */
async function overHttp(system: HttpSystem, { size, pageSize, runs }: BenchOptions): Promise<HttpResults> {
  const part = { size: Math.ceil(size / 4), pageSize }
  const rounds: HttpTimes[] = []
  for (let index = 0; index < runs; index += 1) {
    note(`${system} ${index + 1} of ${runs}`)
    rounds.push(await measureHttp(system, part))
  }
  const peak = await memoryOf(system, size * 10, pageSize)
  const created = Math.min(part.size, MOST_CREATED)
  return summarizeHttp({ rounds, size: part.size, created, peak })
}

/** At a tenth of the size and at the size. */
async function memoryOf(system: HttpSystem, size: number, pageSize: number): Promise<HttpResults['peak']> {
  note(`${system}, memory`)
  return {
    size,
    small: await measureHttpPeak(system, Math.ceil(size / 10), pageSize),
    large: await measureHttpPeak(system, size, pageSize),
  }
}

async function decide(server: BenchServer, { pageSize }: BenchOptions): Promise<DecisionRates> {
  const url = await server.createDatabase(pageSize)
  const engine = await openEngine(url, pageSize)
  try {
    await engine.run('full')
    return await measureDecisions(engine, pageSize)
  } finally {
    await engine.close()
    await server.drop(url)
  }
}

function note(what: string): void {
  process.stderr.write(`${what} …\n`)
}

async function main(options: BenchOptions): Promise<void> {
  if (options.memory !== null) {
    for (const system of ['dataverse', 'business-central'] as const)
      console.log(formatMemory(system, await memoryOf(system, options.memory, options.pageSize)))
    return
  }
  const results = await bench(options)
  if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`)
  console.log(formatResults(results))
}

if (process.argv.includes('--help')) console.log(usage)
else await main(parseOptions(process.argv.slice(2)))
