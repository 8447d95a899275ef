import { converted, refused } from '../values/conversion.ts'
import { rawOf, text } from '../values/value.ts'
import { EffortError } from './pattern/match.ts'
import { PatternError } from './pattern/parse.ts'
import { compilePattern, type Program } from './pattern/program.ts'
import { replaceMatches } from './pattern/replace.ts'
import { type Rule, StepError } from './rule.ts'

/** Capitals by the rules of Unicode, independent of any language. No way back: the case is lost. */
export const upperRule: Rule = onText((raw) => raw.toUpperCase())
/** Small letters; as `upperRule`. */
export const lowerRule: Rule = onText((raw) => raw.toLowerCase())
/** White space at both ends is lost. */
export const trimRule: Rule = onText((raw) => raw.trim())

/** Part of a text, counted in characters. */
export function substringRule({ start, length }: { start: number; length?: number | undefined }): Rule {
  const end = length === undefined ? undefined : start - 1 + length
  return onText((raw) =>
    Array.from(raw)
      .slice(start - 1, end)
      .join(''),
  )
}

/** Every occurrence of a text, taken literally. */
export function replaceRule({ text: from, by }: { text: string; by: string }): Rule {
  return onText((raw) => raw.replaceAll(from, () => by))
}

/** Every match of a pattern; in linear time, so no pattern can stop a worker. Throws StepError. */
export function replacePatternRule(settings: { pattern: string; by: string; ignoreCase: boolean }): Rule {
  const program = programOf(settings.pattern, settings.ignoreCase)
  return {
    back: null,
    forward: (value) => {
      try {
        return converted(text(replaceMatches(program, rawOf(value), settings.by)))
      } catch (error) {
        if (error instanceof EffortError)
          return refused('TRANSFER_FAILED', value, `is too much for the pattern ${settings.pattern}`)
        throw error
      }
    },
  }
}

function programOf(pattern: string, ignoreCase: boolean): Program {
  try {
    return compilePattern(pattern, ignoreCase)
  } catch (error) {
    if (error instanceof PatternError) throw new StepError(`pattern: ${error.message}`)
    throw error
  }
}

function onText(change: (raw: string) => string): Rule {
  return { forward: (value) => converted(text(change(rawOf(value)))), back: null }
}
