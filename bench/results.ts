import type { DecisionRates } from './decide.ts'
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

export interface Results {
  readonly options: Omit<BenchOptions, 'jsonFile'>
  readonly first: Comparison
  readonly unchanged: Comparison
  /** Records written per second when one in a hundred was changed on each side. */
  readonly bothWays: Comparison
  /** Pairs merged per second, both sides of which were changed. */
  readonly merge: Comparison
  /** Seconds of an incremental run that finds nothing to do, from request to end. */
  readonly incrementalSeconds: number
  /** Peak resident set in bytes at a tenth of the size and at the size. */
  readonly peak: { readonly small: number; readonly large: number }
  readonly decisions: DecisionRates
  /** Pairs coupled per second by match-based coupling of two tables of that size. */
  readonly matching: Comparison
}

export function summarize(
  options: BenchOptions,
  rounds: readonly Round[],
  matching: readonly Times[],
  more: Pick<Results, 'peak' | 'decisions'>,
): Results {
  const { size, pageSize, runs, quick } = options
  return {
    options: { size, pageSize, runs, quick },
    first: compare(
      size,
      rounds.map(({ first }) => first),
    ),
    unchanged: compare(
      size,
      rounds.map(({ unchanged }) => unchanged),
    ),
    bothWays: compare(
      changeSides(size).writes,
      rounds.map(({ bothWays }) => bothWays),
    ),
    merge: compare(
      mergeSides(size).writes / 2,
      rounds.map(({ merge }) => merge),
    ),
    incrementalSeconds: median(rounds.map(({ incremental }) => incremental)),
    matching: compare(size, matching),
    ...more,
  }
}

function compare(size: number, times: readonly Times[]): Comparison {
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
export function formatResults(results: Results): string {
  const { options, peak, decisions } = results
  const lines = [
    withAim(ratioLine('first full', results.first), results.first.ratio),
    withAim(ratioLine('unchanged full compare', results.unchanged), results.unchanged.ratio),
    ratioLine('both ways, 1 % changed each', results.bothWays),
    ratioLine('conflict merge, 10 % changed', results.merge),
    ratioLine('match-based coupling', results.matching),
    {
      what: 'incremental, nothing modified',
      figures: '',
      result: `${results.incrementalSeconds.toFixed(3)} s`,
      aim: '< 1 s',
      isMet: results.incrementalSeconds < 1,
    },
    {
      what: 'peak RSS, growth',
      figures: `${mebibytes(peak.small)} MiB at ${options.size / 10}, ${mebibytes(peak.large)} MiB at ${options.size}`,
      result: `${mebibytes(peak.large - peak.small)} MiB`,
      aim: '< 64 MiB',
      isMet: peak.large - peak.small < 64 * 2 ** 20,
    },
    ...(['insert', 'unchanged', 'modify'] as const).map((kind) => ({
      what: `decide: ${kind}`,
      figures: '',
      result: `${thousands(decisions[kind])}/s`,
      aim: '≥ 300,000',
      isMet: decisions[kind] >= 300_000,
    })),
  ]
  const heading = `${options.size} customers, pages of ${options.pageSize}, median of ${options.runs}${options.quick ? ' (smoke run: the numbers mean nothing)' : ''}`
  return [
    heading,
    '',
    ...lines.map((line) => formatLine(options.quick ? { ...line, isMet: null } : line)),
  ].join('\n')
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

/** A pass over the whole table is to be at least half as fast as the floor. */
function withAim(line: Line, ratio: number): Line {
  return { ...line, aim: '≥ 0.5', isMet: ratio >= 0.5 }
}

function formatLine({ what, figures, result, aim, isMet }: Line): string {
  const verdict = isMet === null ? '' : isMet ? 'met' : 'NOT MET'
  return `${what.padEnd(31)}${result.padStart(14)}   ${aim.padEnd(11)}${verdict.padEnd(9)}${figures}`.trimEnd()
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
const thousands = (rate: number): string => Math.round(rate).toLocaleString('en')
