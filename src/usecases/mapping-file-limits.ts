import { CST, Lexer } from 'yaml'

/** Far more than the mappings of an installation; a larger file is another kind of file. In bytes. */
export const maxFileBytes = 1_048_576
/** A field mapping has about fifteen. Each costs memory and time, however few characters it takes. */
const maxTokens = 100_000
/** Of brackets and braces. */
const maxDepth = 100

/** How mapping files are parsed. Names that stand there twice are found by us: the parser compares each with each. */
export const yamlOptions = { prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const

/** Why a text is more than a parser should be given, before it is given one; null: it is not. */
export function whyTooMuch(text: string): string | null {
  if (Buffer.byteLength(text) > maxFileBytes) return 'is larger than 1 MB'
  let tokens = 0
  let depth = 0
  for (const token of new Lexer().lex(text)) {
    tokens += 1
    const type = CST.tokenType(token)
    if (type === 'flow-seq-start' || type === 'flow-map-start') depth += 1
    if (type === 'flow-seq-end' || type === 'flow-map-end') depth -= 1
    if (tokens > maxTokens) return `has more than ${maxTokens} parts`
    if (depth > maxDepth) return `is nested more than ${maxDepth} levels deep`
  }
  return null
}
