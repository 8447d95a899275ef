import { sleep } from '../../lib/sleep.ts'
import { connectorContract } from './contract.ts'
import type { ContractSubject, TestRunner } from './suite.ts'

/** How one test of the contract has ended. */
export interface ContractResult {
  /** The part of the contract and the test. */
  readonly part: string
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped; null when it passed. */
  readonly reason: string | null
}

export interface ContractRun {
  /** Only tests whose part and name hold this text, whatever the case; empty: all. */
  readonly only: string
  /** A test that takes longer has failed, and so have all after it: what it left running might disturb them. */
  readonly limitMs: number
  readonly onResult: (result: ContractResult) => void
}

interface NamedTest {
  readonly part: string
  readonly name: string
  /** A text is the reason why the test is skipped. */
  readonly body: (() => Promise<void>) | string
}

/** Holds a connector to the contract, one test after the other, without any test tool. Throws what its set-up throws. */
export async function runContract(
  subject: ContractSubject,
  run: ContractRun,
): Promise<readonly ContractResult[]> {
  const { tests, before, after } = collect(subject)
  const wanted = tests.filter(({ part, name }) =>
    `${part} ${name}`.toLowerCase().includes(run.only.toLowerCase()),
  )
  const results: ContractResult[] = []
  try {
    for (const work of before) await work()
    for (const test of wanted) {
      const result = await judge(test, run.limitMs)
      results.push(result)
      run.onResult(result)
      if (result.reason === tooLong(run.limitMs)) break
    }
    return results
  } finally {
    for (const work of after) await work()
  }
}

/** The tests by name, before any of them runs. */
function collect(subject: ContractSubject) {
  const tests: NamedTest[] = []
  const before: (() => Promise<void>)[] = []
  const after: (() => Promise<void>)[] = []
  const parts: string[] = []
  const add = (name: string, body: NamedTest['body']) =>
    tests.push({ part: parts.slice(1).join(', '), name, body })
  const runner: TestRunner = {
    describe(name, body) {
      parts.push(name)
      body()
      parts.pop()
    },
    test: add,
    skip: add,
    beforeAll: (work) => before.push(work),
    afterAll: (work) => after.push(work),
  }
  connectorContract(runner, subject)
  return { tests, before, after }
}

async function judge({ part, name, body }: NamedTest, limitMs: number): Promise<ContractResult> {
  if (typeof body === 'string') return { part, name, result: 'skipped', reason: body }
  const ended = new AbortController()
  const late = sleep(limitMs, ended.signal).then(() => {
    if (!ended.signal.aborted) throw new Error(tooLong(limitMs))
  })
  try {
    await Promise.race([body(), late])
    return { part, name, result: 'passed', reason: null }
  } catch (error) {
    return { part, name, result: 'failed', reason: explain(error) }
  } finally {
    ended.abort()
  }
}

const tooLong = (limitMs: number) =>
  `It took longer than ${limitMs / 1_000} s; what comes after it was not run`

/** The message, and where an expectation was not met what was found in its place. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  const found =
    'actual' in error && 'expected' in error
      ? `\nexpected ${show(error.expected)}\n   found ${show(error.actual)}`
      : ''
  return `${error.message}${code}${found}`
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_name, inner) =>
    inner instanceof Map ? Object.fromEntries(inner) : typeof inner === 'bigint' ? String(inner) : inner,
  )
  return (text ?? String(value)).slice(0, 2_000)
}
