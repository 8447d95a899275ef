/** Wall clock and monotonic clock; the only sources of time above the drivers. */
export interface Clock {
  now(): Date
  /** Milliseconds of a clock that never goes backwards; only differences mean anything. */
  monotonicMs(): number
}

export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  child(facts: object): Log
}

/** Steps of the page pipeline, in order; failpoints and step costs use these names. */
export const pipelineSteps = [
  'read',
  'lookup',
  'sort',
  'references',
  'partners',
  'decide',
  'intent',
  'write',
  'commit',
  'finish',
] as const
export type PipelineStep = (typeof pipelineSteps)[number]

/** Called before each step; tests and fault campaigns stop or kill the process here. */
export interface Probe {
  before(step: PipelineStep, facts: { mapping: string; page: number }): Promise<void>
}
