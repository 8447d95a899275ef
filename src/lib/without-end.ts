/** The text without the run of one character at its end. A pattern such as `0+$` would begin anew at each zero of a run that ends before the end. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end -= 1
  return text.slice(0, end)
}
