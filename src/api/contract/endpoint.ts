import type { z } from 'zod'
import type { Role } from '../../core/access/role.ts'

/** Every address of the API begins with it. */
export const API = '/api/v1'

/**
 * One address of the API: what it takes, what it answers, who may ask. The server serves it, the client calls it and
 * the OpenAPI document describes it from this one value.
 */
export interface Endpoint {
  /** Unlike every other; the `operationId` of the document. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** After `API`; parts that begin with `:` stand in `params`. */
  readonly path: string
  readonly role: Role
  /** Also for keys that are for some pairs or mappings only: the server looks at what it is about. */
  readonly isScoped?: true
  readonly tag: string
  readonly summary: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly headers?: z.ZodType
  readonly body?: z.ZodType
  readonly status: 200 | 201 | 202
  /** What a repeated request is answered with, where that differs. */
  readonly repeated?: 200
  readonly answer: z.ZodType
}

/** Keeps the exact type of an endpoint. */
export function endpoint<const E extends Endpoint>(value: E): E {
  return value
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined

/** What a request holds once it has been parsed. */
export interface Asked<E extends Endpoint> {
  readonly params: Parsed<E['params']>
  readonly query: Parsed<E['query']>
  readonly headers: Parsed<E['headers']>
  readonly body: Parsed<E['body']>
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T

/** What the server has to answer. */
export type Answered<E extends Endpoint> = Frozen<z.input<E['answer']>>

/** What the client gets. */
export type AnswerOf<E extends Endpoint> = z.output<E['answer']>

/**
 * What the client may send as a query: whole numbers are numbers there, although they travel as text. What the server takes apart
 * into several values is sent as the text it is.
 */
export type QueryOf<E extends Endpoint> = E['query'] extends z.ZodType
  ? { readonly [Name in keyof z.input<E['query']>]: Sent<z.input<E['query']>, z.output<E['query']>, Name> }
  : never

type Sent<Input, Output, Name extends keyof Input> = Name extends keyof Output
  ?
      | (NonNullable<Output[Name]> extends object ? Input[Name] : Output[Name])
      | (undefined extends Input[Name] ? undefined : never)
  : never

/** What the client may send as a body; what has a default may be left out. */
export type BodyOf<E extends Endpoint> = E['body'] extends z.ZodType ? Frozen<z.input<E['body']>> : never
