/**
 * A code as its system stores it: without outer spaces and in capitals. Characters whose capital is longer (ß) stay
 * as they are, so that the length never changes. Returns the same string when there is nothing to do.
 */
export function normaliseCode(raw: string): string {
  return isNormalised(raw) ? raw : upperCase(trimSpaces(raw))
}

const space = 0x20

function isNormalised(raw: string): boolean {
  for (let index = 0; index < raw.length; index += 1) {
    const unit = raw.charCodeAt(index)
    if (unit > 0x7e || (unit >= 0x61 && unit <= 0x7a)) return false
  }
  return raw.charCodeAt(0) !== space && raw.charCodeAt(raw.length - 1) !== space
}

function trimSpaces(raw: string): string {
  let start = 0
  let end = raw.length
  while (start < end && raw.charCodeAt(start) === space) start += 1
  while (end > start && raw.charCodeAt(end - 1) === space) end -= 1
  return raw.slice(start, end)
}

function upperCase(raw: string): string {
  const upper = raw.toUpperCase()
  if (upper.length === raw.length) return upper
  return Array.from(raw, (character) => {
    const capital = character.toUpperCase()
    return capital.length === character.length ? capital : character
  }).join('')
}
