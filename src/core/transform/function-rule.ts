import { type Conversion, converted, refused } from '../values/conversion.ts'
import { rawOf, text, type Value } from '../values/value.ts'
import { type Rule, type Step, StepError } from './rule.ts'

/** What a user's own function has made of a value; `failure` completes "made MODULE NAME …". */
export type OwnAnswer = { readonly text: string | null } | { readonly failure: string }

/** A user's own function, always answering: what it throws, or how it had to be stopped, is an answer as well. */
export type OwnFunction = (value: string) => OwnAnswer

/** What each module of functions exports, with the fingerprint of its file, or why it cannot be loaded. */
export type LoadedFunctions = ReadonlyMap<
  string,
  | { readonly exports: ReadonlyMap<string, OwnFunction>; readonly fingerprint: string }
  | { readonly reason: string }
>

/**
 * A user's own function: gets the value as text, gives a text or null, at once and always the same. What it throws, or
 * gives of another kind, fails that record only. Throws StepError when the function is not there.
 */
export function functionRule(
  settings: { module: string; export: string; inverse?: string | undefined },
  loaded: LoadedFunctions,
): Rule {
  return {
    forward: stepOf(settings.module, settings.export, loaded),
    back: settings.inverse === undefined ? null : stepOf(settings.module, settings.inverse, loaded),
  }
}

function stepOf(module: string, name: string, loaded: LoadedFunctions): Step {
  const found = loaded.get(module)
  if (found === undefined) throw new StepError(`module: ${module} has not been loaded`)
  if ('reason' in found) throw new StepError(`module: ${found.reason}`)
  const exported = found.exports.get(name)
  if (exported === undefined) throw new StepError(`${module} has no function ${name}`)
  return (value) => toConversion(exported(rawOf(value)), `${module} ${name}`, value)
}

function toConversion(answer: OwnAnswer, name: string, value: NonNullable<Value>): Conversion {
  if ('failure' in answer) return refused('TRANSFER_FAILED', value, `made ${name} ${answer.failure}`)
  return converted(answer.text === null ? null : text(answer.text))
}

/** Calls a function as it stands in its module. */
export function askFunction(own: (value: string) => unknown, value: string): OwnAnswer {
  let result: unknown
  try {
    result = own(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no error, but something else'
    return { failure: `throw: ${reason.slice(0, 300)}` }
  }
  if (result === null || typeof result === 'string') return { text: result }
  const kind = result instanceof Promise ? 'a promise' : `a value of type ${typeof result}`
  return { failure: `return ${kind}, not a text or null` }
}
