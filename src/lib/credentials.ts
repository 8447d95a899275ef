// Anybody can have such a text filtered: each pattern looks at a character a fixed number of times, also where it does not match in the end.
const afterScheme = /:\/\/[^\s"'`<>]*/g
const inQuery = /([?&;\s](?=\w*(?:password|passwd|secret|token|api_?key))\w+=)[^&;\s"'`<>]*/gi
const inHeader = /\b(Bearer\s+)[\w.~+/=-]{8,}/gi

/**
 * Any text, with user names and passwords of addresses, secret query parameters and bearer tokens taken out. It takes time in proportion
 * to the text. Shorten afterwards: half an address looks like none.
 */
export function withoutCredentials(text: string): string {
  return text.replace(afterScheme, withoutUser).replace(inQuery, '$1***').replace(inHeader, '$1***')
}

function withoutUser(rest: string): string {
  const at = rest.lastIndexOf('@')
  return at < 0 ? rest : `://${rest.slice(at + 1)}`
}
