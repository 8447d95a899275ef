import type { DecisionRates } from './decide.ts'
import type { HttpTimes } from './http.ts'
import type { HttpSystem } from './http-place.ts'
import type { Times } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { changeSides, mergeSides } from './people.ts'
import type { Round } from './rounds.ts'

export interface Comparison {
  /** Records per second, medians. */
  readonly engine: number
  readonly floor: number
  /** Median of the ratios engine/floor of each round, whose two parts ran right after each other. */
  readonly ratio: number
}

/** What was left out is null. */
export interface Results {
  readonly options: Omit<BenchOptions, 'jsonFile' | 'memory'>
  readonly engine: EngineResults | null
  readonly decisions: DecisionRates | null
  /** Peak resident set in bytes at a tenth of the size and at the size. */
  readonly peak: { readonly small: number; readonly large: number } | null
  /** Pairs coupled per second by match-based coupling of two tables of that size. */
  readonly matching: Comparison | null
  readonly http: Readonly<Record<HttpSystem, HttpResults | null>>
}

export interface EngineResults {
  readonly first: Comparison
  readonly unchanged: Comparison
  /** Records written per second when one in a hundred was changed on each side. */
  readonly bothWays: Comparison
  /** Pairs merged per second, both sides of which were changed. */
  readonly merge: Comparison
  /** Seconds of an incremental run that finds nothing to do, from request to end. */
  readonly incrementalSeconds: number
}

/** Through a connector over HTTP, beside a bare loop that sends the same requests. */
export interface HttpResults {
  readonly read: Comparison
  readonly create: Comparison
  /** Peak resident set in bytes of a process that reads a tenth of the records, and all of them. */
  readonly peak: { readonly small: number; readonly large: number; readonly size: number }
}

/** The rounds of a system, and its memory. */
export interface HttpMeasurement {
  readonly rounds: readonly HttpTimes[]
  /** Records read and created in a round. */
  readonly size: number
  readonly created: number
  readonly peak: HttpResults['peak']
}

export function summarizeEngine(size: number, rounds: readonly Round[]): EngineResults {
  const compared = (records: number, of: (round: Round) => Times) => compare(records, rounds.map(of))
  return {
    first: compared(size, ({ first }) => first),
    unchanged: compared(size, ({ unchanged }) => unchanged),
    bothWays: compared(changeSides(size).writes, ({ bothWays }) => bothWays),
    merge: compared(mergeSides(size).writes / 2, ({ merge }) => merge),
    incrementalSeconds: median(rounds.map(({ incremental }) => incremental)),
  }
}

export function summarizeHttp({ rounds, size, created, peak }: HttpMeasurement): HttpResults {
  const compared = (records: number, of: (round: HttpTimes) => Times) => compare(records, rounds.map(of))
  return {
    read: compared(size, ({ read }) => read),
    create: compared(created, ({ create }) => create),
    peak,
  }
}

export function compare(size: number, times: readonly Times[]): Comparison {
  return {
    engine: size / median(times.map(({ engine }) => engine)),
    floor: size / median(times.map(({ floor }) => floor)),
    ratio: median(times.map(({ engine, floor }) => floor / engine)),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

interface Line {
  readonly what: string
  readonly figures: string
  readonly result: string
  readonly aim: string
  readonly isMet: boolean | null
}

/** The table that is printed: figures, and whether each aim is met. */
export function formatResults({ options, engine, decisions, peak, matching, http }: Results): string {
  const lines = [
    ...(engine ? engineLines(engine) : []),
    ...(matching ? [ratioLine('match-based coupling', matching)] : []),
    ...(peak ? [memoryLine('peak RSS, growth', peak, options.size)] : []),
    ...(decisions ? decisionLines(decisions) : []),
    ...(http.dataverse ? httpLines('Dataverse', http.dataverse) : []),
    ...(http['business-central'] ? httpLines('Business Central', http['business-central']) : []),
  ]
  const heading = `${options.size} customers, pages of ${options.pageSize}, median of ${options.runs}${options.quick ? ' (smoke run: the numbers mean nothing)' : ''}`
  return [
    heading,
    '',
    ...lines.map((line) => formatLine(options.quick ? { ...line, isMet: null } : line)),
  ].join('\n')
}

function engineLines(engine: EngineResults): readonly Line[] {
  return [
    withAim(ratioLine('first full', engine.first), engine.first.ratio, 0.5),
    withAim(ratioLine('unchanged full compare', engine.unchanged), engine.unchanged.ratio, 0.5),
    ratioLine('both ways, 1 % changed each', engine.bothWays),
    ratioLine('conflict merge, 10 % changed', engine.merge),
    {
      what: 'incremental, nothing modified',
      figures: '',
      result: `${engine.incrementalSeconds.toFixed(3)} s`,
      aim: '< 1 s',
      isMet: engine.incrementalSeconds < 1,
    },
  ]
}

function decisionLines(decisions: DecisionRates): readonly Line[] {
  return (['insert', 'unchanged', 'modify'] as const).map((kind) => ({
    what: `decide: ${kind}`,
    figures: '',
    result: `${thousands(decisions[kind])}/s`,
    aim: '≥ 300,000',
    isMet: decisions[kind] >= 300_000,
  }))
}

function ratioLine(what: string, { engine, floor, ratio }: Comparison): Line {
  return {
    what,
    figures: `Couplet ${thousands(engine)}/s, floor ${thousands(floor)}/s`,
    result: `${ratio.toFixed(2)} × floor`,
    aim: '',
    isMet: null,
  }
}

/** The share of the floor's speed that is to be reached at least. */
function withAim(line: Line, ratio: number, aim: number): Line {
  return { ...line, aim: `≥ ${aim}`, isMet: ratio >= aim }
}

function httpLines(name: string, { read, create, peak }: HttpResults): readonly Line[] {
  return [
    withAim(ratioLine(`${name}: read`, read), read.ratio, 0.7),
    withAim(ratioLine(`${name}: create`, create), create.ratio, 0.7),
    memoryLine(`${name}: peak RSS, growth`, peak, peak.size),
  ]
}

/** The line of one system's memory. */
export function formatMemory(name: string, peak: HttpResults['peak']): string {
  return formatLine(memoryLine(`${name}: peak RSS, growth`, peak, peak.size))
}

/** What memory grows with the table: next to nothing. */
function memoryLine(
  what: string,
  peak: { readonly small: number; readonly large: number },
  size: number,
): Line {
  const growth = peak.large - peak.small
  return {
    what,
    figures: `${mebibytes(peak.small)} MiB at ${size / 10}, ${mebibytes(peak.large)} MiB at ${size}`,
    result: `${mebibytes(growth)} MiB`,
    aim: '< 64 MiB',
    isMet: growth < 64 * 2 ** 20,
  }
}

function formatLine({ what, figures, result, aim, isMet }: Line): string {
  const verdict = isMet === null ? '' : isMet ? 'met' : 'NOT MET'
  return `${what.padEnd(31)}${result.padStart(14)}   ${aim.padEnd(11)}${verdict.padEnd(9)}${figures}`.trimEnd()
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
const thousands = (rate: number): string => Math.round(rate).toLocaleString('en')
