import { LineCounter, parseAllDocuments } from 'yaml'
import { lineOf } from './mapping-file-problems.ts'

/**
 * The line of one place of a mapping (`fields[3].remote`) in the file that it was read from; of the nearest thing
 * around it when the place itself is not written there. Null when the file holds no such mapping.
 */
export function findLine(text: string, mapping: string, path: string): number | null {
  const lines = new LineCounter()
  const documents = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })]
  const document = documents.find((each) => each.get('name') === mapping)
  if (!document) return null
  const steps = [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step))
  return lineOf({ document, lines, file: '' }, steps)
}
