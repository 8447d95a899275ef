import { type Chosen, type ConflictWish, chooseValues } from '../../core/sync/choose-values.ts'
import type { Issue } from '../../core/sync/issue.ts'
import type { ParseValue } from './parse-value.ts'

/** What a wish makes of one conflict. Its local table is only looked at where a value was typed. */
export async function chooseFor(issue: Issue, wish: ConflictWish, parse: ParseValue): Promise<Chosen> {
  const isTyped = [wish.all, ...wish.byField.values()].some((each) => each?.take === 'value')
  const parser = isTyped ? await parse(issue) : null
  return chooseValues(issue.conflicts, wish, (conflict, text) => {
    if (parser === null) throw new RangeError('Nothing was typed')
    return parser(conflict, text)
  })
}
