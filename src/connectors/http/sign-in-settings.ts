const names =
  /^(scope|authority|clientId|clientSecret|certificate|certificateAlgorithm|user|password|tenant)(\.\d+)?$/

/** Whether a setting of a connection is about signing in: of its one user or, with a number behind it, of a further one. */
export function isSignInSetting(name: string): boolean {
  return names.test(name)
}
