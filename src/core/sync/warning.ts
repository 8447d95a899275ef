/** What can be odd about a record that was brought across all the same. Documented in docs/errors.md, with the remedy. */
export const warningCodes = {
  VALUE_CUT: 'Shorten the value at its source, or make the destination field longer.',
  VALUE_NORMALISED: 'Nothing to do; a transformation that gives the stored form avoids the warning.',
  FIELD_CHANGED_BESIDE: 'Correct the value on the side that is wrong, or leave the field to the destination.',
} as const

export type WarningCode = keyof typeof warningCodes

/** One warning about one field of one record, kept in the ledger with the write it belongs to. */
export interface FieldWarning {
  readonly code: WarningCode
  /** Field of the destination. */
  readonly field: string
  /** The value as it was to be, as text; long ones are shortened. */
  readonly value: string
  readonly message: string
}
