import type { Value } from '../../core/values/value.ts'
import type { Ability, ContractSetup, ContractSystem, FieldKind } from './harness.ts'

/** What runs tests: vitest here, `couplet connector test` wherever Couplet is installed. */
export interface TestRunner {
  /** A group of tests; its body only names them. */
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
  /** A test that is named and not run, because of the reason. */
  skip(name: string, reason: string): void
  beforeAll(work: () => Promise<void>): void
  afterAll(work: () => Promise<void>): void
}

/** What is held to the contract. */
export interface ContractSubject {
  /** Name of the connector, for the report. */
  readonly name: string
  readonly setUp: ContractSetup
  /** What the system cannot do, each with the reason; tests that need it are shown as skipped. */
  readonly lacks?: Readonly<Partial<Record<Ability, string>>>
  /** Values of a kind of field that the system can hold, where it cannot hold all of `value-samples.ts`. */
  readonly samples?: Readonly<Partial<Record<FieldKind, readonly NonNullable<Value>[]>>>
}

/** What a part of the contract works with. */
export interface ContractSuite extends Pick<TestRunner, 'describe'> {
  /** `needs`: without one of these abilities the test is skipped. */
  test(name: string, body: () => Promise<void>): void
  test(name: string, needs: readonly Ability[], body: () => Promise<void>): void
  can(ability: Ability): boolean
  /** The system, once the tests run. */
  getSystem(): ContractSystem
  /** Values by kind of field: those of the subject, or those every system should hold. */
  readonly samples: ContractSubject['samples']
}

/** The system is set up before the first test and closed after the last one. */
export function createSuite(
  runner: TestRunner,
  { setUp, lacks = {}, samples }: ContractSubject,
): ContractSuite {
  let system: ContractSystem | undefined
  runner.beforeAll(async () => {
    system = await setUp()
  })
  runner.afterAll(async () => system?.close())
  return {
    describe: (name, body) => runner.describe(name, body),
    test: (name: string, ...rest: TestArguments) => {
      const [needs, body] = withNeeds(rest)
      const missing = needs.find((ability) => lacks[ability] !== undefined)
      if (missing === undefined) runner.test(name, body)
      else runner.skip(name, lacks[missing] ?? '')
    },
    can: (ability) => lacks[ability] === undefined,
    getSystem() {
      if (!system) throw new Error('The system was not set up')
      return system
    },
    samples,
  }
}

/** The same suite for tests that all need these abilities. */
export function needing(suite: ContractSuite, ...abilities: readonly Ability[]): ContractSuite {
  return {
    ...suite,
    test: (name: string, ...rest: TestArguments) => {
      const [needs, body] = withNeeds(rest)
      suite.test(name, [...abilities, ...needs], body)
    },
  }
}

type Body = () => Promise<void>
type TestArguments = readonly [body: Body] | readonly [needs: readonly Ability[], body: Body]

function withNeeds(rest: TestArguments): readonly [needs: readonly Ability[], body: Body] {
  return rest.length === 1 ? [[], rest[0]] : rest
}
