/** The name a page web service gives to a column or a page (connectors.md B.10): `No.` is `No`, `Balance (LCY)` is `Balance_LCY`. */
export function serviceName(caption: string): string {
  return caption
    .replace(/[.()]/g, '')
    .replace(/[ /-]/g, '_')
    .replaceAll("'", '_x0027_')
    .replaceAll('%', 'Percent')
}

/** A member of an option as answers write it: what no XML name may hold becomes `_xHHHH_`. */
export function escapeMember(member: string): string {
  return [...member].map((letter) => (/[\p{L}\p{N}_]/u.test(letter) ? letter : hex(letter))).join('')
}

/** The member a request means: `_x0020_` is a space. */
export function unescapeMember(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}

function hex(letter: string): string {
  return `_x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
}
