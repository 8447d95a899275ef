const secretName = /(secret|password|passphrase|token|key|certificate|authorities)(\.\d+)?$/i
const reference = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|sealed:.+)$/s

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
