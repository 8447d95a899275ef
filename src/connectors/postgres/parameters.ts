/** What a statement takes: every value travels as text and is cast in the statement. */
export type Parameter = string | number | null | readonly (string | null)[]

/** The parameters of one statement, collected while its text is built. */
export class Parameters {
  readonly values: Parameter[] = []

  /** Adds a value; returns its placeholder with the cast, such as `$3::int8[]`. */
  add(value: Parameter, type: string): string {
    this.values.push(value)
    return `$${this.values.length}::${type}`
  }
}
