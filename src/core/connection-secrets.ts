const secretName = /(secret|password|passphrase|token|key|certificate|authorities)(\.\d+)?$/i
const reference = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|sealed:.+)$/s
/** What is shown of a secret that is stored sealed, and what says that it stays as it is. */
export const sealedMark = 'sealed'

/**
 * Names of settings that hold a secret in clear text: those whose name says that they are one, and addresses with a
 * password in them, wherever they stand.
 */
export function findClearSecrets(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings)
    .filter(([name, text]) => !reference.test(text) && (secretName.test(name) || hasCredentials(text)))
    .map(([name]) => name)
}

function hasCredentials(text: string): boolean {
  return /:\/\/[^/\s]*@/.test(text)
}

/** What may be read by everybody: of a secret that is stored sealed, that there is one. */
export function shownConnection<T extends { readonly settings: Readonly<Record<string, string>> }>(
  connection: T,
): T {
  const shown = Object.entries(connection.settings).map(([name, text]) => [
    name,
    text.startsWith('sealed:') ? sealedMark : text,
  ])
  return { ...connection, settings: Object.fromEntries(shown) }
}
