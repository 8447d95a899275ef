import { type Conversion, converted } from '../values/conversion.ts'
import { isBlank, type Value, type Values } from '../values/value.ts'
import { formatDateRule, parseDateRule } from './date-rules.ts'
import { functionRule, type LoadedFunctions } from './function-rule.ts'
import { concatRule, splitRule } from './join-rules.ts'
import { lookupRule } from './lookup-rule.ts'
import { formatNumberRule, parseNumberRule, roundRule } from './number-rules.ts'
import { type Rule, type Step, StepError } from './rule.ts'
import { nameOfStep, type TransformStep } from './steps.ts'
import {
  lowerRule,
  replacePatternRule,
  replaceRule,
  substringRule,
  trimRule,
  upperRule,
} from './text-rules.ts'
import { unitRule } from './unit-rule.ts'

/** All steps of one field mapping in one direction. Blank stays blank, except where fields are joined. */
export type Chain = (value: Value, record: Values) => Conversion

/** How a chain is used: `both` – forwards and, with the inverse of each step in reverse order, backwards. */
export type ChainUse = 'forward' | 'both'

/** The rule of one step. Throws StepError for settings that cannot work. */
export function compileStep(step: TransformStep, use: ChainUse, functions: LoadedFunctions): Rule {
  const isExact = use === 'both'
  if (step === 'upper') return upperRule
  if (step === 'lower') return lowerRule
  if (step === 'trim') return trimRule
  if (step.substring) return substringRule(step.substring)
  if (step.replace) return replaceRule(step.replace)
  if (step.replacePattern) return replacePatternRule(step.replacePattern)
  if (step.formatDate) return formatDateRule(step.formatDate, isExact)
  if (step.parseDate) return parseDateRule(step.parseDate, isExact)
  if (step.formatNumber) return formatNumberRule(step.formatNumber)
  if (step.parseNumber) return parseNumberRule(step.parseNumber)
  if (step.round) return roundRule(step.round)
  if (step.unit) return unitRule(step.unit)
  if (step.lookup) return lookupRule(step.lookup)
  if (step.concat) return concatRule(step.concat)
  if (step.split) return splitRule(step.split)
  if (step.function) return functionRule(step.function, functions)
  throw new StepError('the step is empty')
}

/** The steps of a field as one function. Throws StepError; for `back` also when a step has no inverse. */
export function compileChain(
  steps: readonly TransformStep[],
  way: 'forward' | 'back',
  use: ChainUse,
  functions: LoadedFunctions,
): Chain {
  const rules = steps.map((step) => compileStep(step, use, functions))
  if (way === 'forward')
    return chainOf(rules.map(({ forward, takesBlank }) => ({ run: forward, takesBlank })))
  const inverses = rules.map(({ back }, index) => {
    if (back === null) throw new StepError(`${nameOfStep(steps[index] ?? 'trim')} has no way back`)
    return { run: back, takesBlank: undefined }
  })
  return chainOf(inverses.reverse())
}

function chainOf(steps: readonly { readonly run: Step; readonly takesBlank: true | undefined }[]): Chain {
  return (value, record) => {
    let current = value
    for (const { run, takesBlank } of steps) {
      if (isBlank(current) && !takesBlank) continue
      const result = run(current ?? 'text:', record)
      if (!result.ok) return result
      current = result.value
    }
    return converted(current)
  }
}
