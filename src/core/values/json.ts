type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** JSON text with sorted keys and without white space, or null when the text is no JSON (or nested too deeply). */
export function canonicalJson(text: string): string | null {
  try {
    const parsed: Json = JSON.parse(text)
    return print(parsed)
  } catch {
    return null
  }
}

/** Written by hand because JSON.stringify puts keys that look like numbers first, whatever their order. */
function print(json: Json): string {
  if (json === null || typeof json !== 'object') return JSON.stringify(json)
  if (isList(json)) return `[${json.map(print).join(',')}]`
  const members = Object.entries(json)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${print(member)}`)
  return `{${members.join(',')}}`
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
