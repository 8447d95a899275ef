import { parseArgs } from 'node:util'

export const benchParts = ['engine', 'decide', 'memory', 'matching', 'dataverse', 'business-central'] as const
export type BenchPart = (typeof benchParts)[number]

export interface BenchOptions {
  /** Customers in the source table. */
  readonly size: number
  /** Records per page, for Couplet and the floor alike. */
  readonly pageSize: number
  /** Measured rounds; the medians are reported. */
  readonly runs: number
  /** A smoke run: shows that the bench works, its numbers mean nothing. */
  readonly quick: boolean
  /** Records of a table over HTTP whose reading is watched for memory, and nothing else is measured; null: no such thing. */
  readonly memory: number | null
  /** What is measured; usually everything. */
  readonly parts: readonly BenchPart[]
  /** File for the results, or null. */
  readonly jsonFile: string | null
}

export const usage = `npm run bench -- [--quick] [--size N] [--page N] [--runs N] [--only PART,…] [--json FILE]
npm run bench -- --memory N
  --size  customers (100,000)   --page  records per page (1,000)   --runs  measured rounds (3)
  --quick small smoke run       --json  also write the results to FILE
  --only  some of: ${benchParts.join(', ')}
  --memory only the memory of reading N records through each connector over HTTP, beside a tenth of them`

/** Throws a TypeError that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string' },
      page: { type: 'string' },
      runs: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      memory: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const { quick } = values
  return {
    quick,
    size: wholeNumber('--size', values.size, quick ? 2_000 : 100_000),
    pageSize: wholeNumber('--page', values.page, quick ? 500 : 1_000),
    runs: wholeNumber('--runs', values.runs, quick ? 1 : 3),
    memory: values.memory === undefined ? null : wholeNumber('--memory', values.memory, 0),
    parts: values.only === undefined ? benchParts : values.only.split(',').map(partOf),
    jsonFile: values.json ?? null,
  }
}

function partOf(name: string): BenchPart {
  const part = benchParts.find((known) => known === name)
  if (part === undefined) throw new TypeError(`--only ${name}: expected some of ${benchParts.join(', ')}`)
  return part
}

function wholeNumber(name: string, raw: string | undefined, fallback: number): number {
  if (raw === undefined) return fallback
  if (!/^[1-9]\d{0,8}$/.test(raw)) throw new TypeError(`${name} ${raw}: expected a whole number above 0`)
  return Number(raw)
}
