import { StepError } from './rule.ts'

/** The locale, if its data is there: an unknown one would quietly stand for that of the machine. Throws StepError. */
function knownLocale(name: string): string {
  try {
    const [known] = Intl.NumberFormat.supportedLocalesOf(name)
    if (known !== undefined) return known
  } catch {
    throw new StepError(`locale: ${name} is no language tag like de or de-CH`)
  }
  throw new StepError(`locale: nothing is known of ${name}`)
}

/** How a locale writes numbers: taken from its data once, so that no number ever passes through a float. */
export interface NumberSigns {
  readonly point: string
  readonly group: string
  /** Digits of the last group before the point, and of each group before that (India: 3 and 2). */
  readonly lastGroup: number
  readonly otherGroups: number
}

export function numberSigns(locale: string): NumberSigns {
  const format = new Intl.NumberFormat(knownLocale(locale), {
    numberingSystem: 'latn',
    useGrouping: 'always',
    minimumFractionDigits: 1,
  })
  const parts = format.formatToParts(123_456_789.5)
  const signOf = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  const groups = parts.filter((part) => part.type === 'integer').map((part) => part.value.length)
  const lastGroup = groups.at(-1) ?? 3
  return {
    point: signOf('decimal'),
    group: signOf('group'),
    lastGroup,
    otherGroups: groups.at(-2) ?? lastGroup,
  }
}

/** Names of the twelve months as they stand in a date (in the genitive where the language has one). */
export function monthNames(locale: string, length: 'long' | 'short'): readonly string[] {
  const format = new Intl.DateTimeFormat(knownLocale(locale), {
    day: 'numeric',
    month: length,
    timeZone: 'UTC',
    calendar: 'gregory',
    numberingSystem: 'latn',
  })
  const nameOf = (month: number) =>
    format.formatToParts(Date.UTC(2024, month, 1)).find((part) => part.type === 'month')?.value ?? ''
  const names = Array.from({ length: 12 }, (_, month) => nameOf(month))
  if (new Set(names).size === 12 && !names.includes('')) return names
  throw new StepError(`locale: the names of the months in ${locale} cannot be told apart`)
}
