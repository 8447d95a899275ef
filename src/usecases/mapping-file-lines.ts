import { LineCounter, parseAllDocuments } from 'yaml'
import { yamlOptions } from './mapping-file-limits.ts'
import { lineOf } from './mapping-file-problems.ts'

/**
 * Finds the line of one place of a mapping (`fields[3].remote`) in the file that it was read from; of the nearest thing
 * around it when the place itself is not written there. Null when the file holds no such mapping. The file is read when it is asked for the
 * first time, once for all of its problems.
 */
export function lineFinder(text: string): (mapping: string, path: string) => number | null {
  let read: ReturnType<typeof readDocuments> | null = null
  return (mapping, path) => {
    read ??= readDocuments(text)
    const document = read.documents.get(mapping)
    if (!document) return null
    const steps = [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step))
    return lineOf({ document, lines: read.lines, file: '' }, steps)
  }
}

function readDocuments(text: string) {
  const lines = new LineCounter()
  const all = [...parseAllDocuments(text, { ...yamlOptions, lineCounter: lines })]
  // Of two with one name the first one counts.
  const documents = new Map(all.reverse().map((document) => [document.get('name'), document]))
  return { lines, documents }
}
