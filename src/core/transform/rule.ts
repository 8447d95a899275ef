import type { Conversion } from '../values/conversion.ts'
import type { Value, Values } from '../values/value.ts'

/**
 * One transformation step in one direction: pure, same input, same result. `record` is the source record, read only by
 * steps that join fields; nothing is ever written into it.
 */
export type Step = (value: NonNullable<Value>, record: Values) => Conversion

/** A transformation step with its way back; null where none exists, or where something is lost on the way. */
export interface Rule {
  readonly forward: Step
  readonly back: Step | null
  /** Looks also at a blank value, which all others pass on as it is. */
  readonly takesBlank?: true
}

/** Settings of a step that cannot work; the message names the setting. */
export class StepError extends Error {
  override readonly name = 'StepError'
}
