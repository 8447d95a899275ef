import { type Effort, findMatch, type Match } from './match.ts'
import type { Program } from './program.ts'

/** Some tenths of a second: many matches, each looked for to the end of a long text, add up. */
const maxSteps = 5_000_000

/** Every match replaced, from left to right; `$1` to `$9` are the groups, `$&` is the whole match, `$$` a dollar sign. Throws EffortError. */
export function replaceMatches(program: Program, text: string, by: string): string {
  const effort: Effort = { left: maxSteps }
  let result = ''
  let from = 0
  let copied = 0
  while (from <= text.length) {
    const match = findMatch(program, text, from, effort)
    const [begin = -1, end = -1] = match ?? []
    if (match === null || begin < 0) break
    result += text.slice(copied, begin) + fillIn(by, text, match)
    copied = end
    from = end > begin ? end : end + widthAt(text, end)
  }
  return result + text.slice(copied)
}

/** One character further, never into the middle of one. */
function widthAt(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1
}

function fillIn(by: string, text: string, match: Match): string {
  return by.replace(/\$([$&1-9])/g, (written, sign: string) => {
    if (sign === '$') return '$'
    const group = sign === '&' ? 0 : Number(sign)
    const [begin, end] = [match[2 * group], match[2 * group + 1]]
    if (begin === undefined || end === undefined) return written
    return begin < 0 || end < 0 ? '' : text.slice(begin, end)
  })
}
