const inAddress = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'`<>]*@/gi
const inQuery = /([?&;\s](?:\w*(?:password|passwd|secret|token|api_?key)\w*)=)[^&;\s"'`<>]*/gi
const inHeader = /\b(Bearer\s+)[\w.~+/=-]{8,}/gi

/** Any text, with user names and passwords of addresses, secret query parameters and bearer tokens taken out. */
export function withoutCredentials(text: string): string {
  return text.replace(inAddress, '$1').replace(inQuery, '$1***').replace(inHeader, '$1***')
}
