import { z } from 'zod'

/** One wrong place of a request. */
export const FieldProblem = z
  .object({
    field: z.string(),
    value: z.string().nullable().meta({ description: 'As it was sent, shortened; null when there is none' }),
    reason: z.string(),
    code: z.string().optional().meta({ description: 'Where what is wrong has a code of its own' }),
    remedy: z.string(),
  })
  .meta({ id: 'FieldProblem' })
export type FieldProblem = z.infer<typeof FieldProblem>

/** The body of every answer that is an error (RFC 9457). */
export const Problem = z
  .object({
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; all codes are in docs/errors.md' }),
    kind: z.enum(['transient', 'waiting', 'permanent', 'conflict', 'config', 'lost-lease']),
    detail: z.string(),
    remedy: z.string(),
    request: z.string().meta({ description: 'Names the request in the log of the server' }),
    problems: z.array(FieldProblem).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>
