/// <reference lib="es2024.string" />
import { z } from 'zod'

const Text = z
  .string()
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not hold U+0000 or half a character')
const Position = z.int().min(1).max(1_000_000)
const Digits = z.int().min(0).max(38)
const Locale = Text.min(1).max(50)
const Factor = Text.regex(/^(?=.*[1-9])\d{1,18}(\.\d{1,18})?$/, 'must be a number greater than 0, in quotes')

const DateForm = z.strictObject({
  /** `yyyy MMMM MMM MM M dd d HH H mm ss SSS SSSSSS`; other letters stand in single quotes. */
  format: Text.min(1).max(100),
  /** Language of the names of months. */
  locale: Locale.default('en'),
  /** A time in UTC (`instant`) instead of one without a zone. */
  utc: z.boolean().default(false),
})
const NumberForm = z.strictObject({
  locale: Locale.default('en'),
  /** Exactly as many decimals; left out: as many as the number has. */
  decimals: Digits.optional(),
  /** Writes thousands apart. Both spellings are always read. */
  grouping: z.boolean().default(false),
})

/** Settings of each transformation step by its name; a step has exactly one of them. */
export const StepSettings = z.strictObject({
  /** Characters from `start` (the first is 1); without `length` to the end. */
  substring: z.strictObject({ start: Position, length: Position.optional() }).optional(),
  /** Every occurrence of a text. */
  replace: z.strictObject({ text: Text.min(1), by: Text.default('') }).optional(),
  /** Every match of a regular expression; `$1` and `$&` in `by` are groups and the match. */
  replacePattern: z
    .strictObject({
      pattern: Text.min(1).max(500),
      by: Text.default(''),
      ignoreCase: z.boolean().default(false),
    })
    .optional(),
  formatDate: DateForm.optional(),
  parseDate: DateForm.optional(),
  formatNumber: NumberForm.optional(),
  parseNumber: NumberForm.optional(),
  /** Half away from zero. */
  round: z.strictObject({ decimals: Digits }).optional(),
  /** Multiplied, then divided, exactly. */
  unit: z.strictObject({ multiply: Factor.default('1'), divide: Factor.default('1') }).optional(),
  /** Text → text; `otherwise` for every other text, else that is an error. */
  lookup: z.strictObject({ values: z.record(Text, Text), otherwise: Text.optional() }).optional(),
  /** The value and further fields of the same record, without the blank ones. */
  concat: z
    .strictObject({
      fields: z.array(Text.min(1).max(128)).min(1),
      separator: Text.default(' '),
    })
    .optional(),
  /** One part of a text, the first is 1; `rest`: with everything behind it. Blank where there is no such part. */
  split: z
    .strictObject({ separator: Text.min(1), part: Position, rest: z.boolean().default(false) })
    .optional(),
  /** A function of one's own: text → text or null. The file is found in the folder of functions. */
  function: z
    .strictObject({
      module: Text.max(200).regex(
        /^(?!.*\.\.)[\w@-][\w@.-]*(\/[\w@-][\w@.-]*)*\.[cm]?[jt]s$/,
        'must be the path of a .ts or .js file inside the folder of functions',
      ),
      export: Text.min(1).max(100),
      /** Export of the same file that leads back. */
      inverse: Text.min(1).max(100).optional(),
    })
    .optional(),
})
type StepSettings = z.infer<typeof StepSettings>

const plainSteps = ['upper', 'lower', 'trim'] as const
type PlainStep = (typeof plainSteps)[number]

/** One step of a transformation: a name by itself, or one name with its settings. */
export type TransformStep = PlainStep | StepSettings

/** Parsed by hand: a union would say "invalid input" and hide which setting is wrong. */
export const TransformStep = z.unknown().transform((raw, context): TransformStep => {
  const plain = plainSteps.find((name) => name === raw)
  if (plain) return plain
  if (typeof raw === 'string' || Object.keys(Object(raw)).length !== 1) {
    const names = [...plainSteps, ...Object.keys(StepSettings.shape)].join(', ')
    context.issues.push({
      code: 'custom',
      message: `must be one step with its settings: ${names}`,
      input: raw,
    })
    return z.NEVER
  }
  const parsed = StepSettings.safeParse(raw)
  if (parsed.success) return parsed.data
  for (const { code, path, message, ...more } of parsed.error.issues) {
    const keys = code === 'unrecognized_keys' && 'keys' in more ? more.keys : [null]
    for (const key of keys)
      context.issues.push({
        code: 'custom',
        path: key === null ? path : [...path, key],
        message: key === null ? message : `there is no setting ${key}`,
        input: raw,
      })
  }
  return z.NEVER
})

/** `upper`, `formatDate` … */
export function nameOfStep(step: TransformStep): string {
  return typeof step === 'string' ? step : (Object.keys(step)[0] ?? '')
}
