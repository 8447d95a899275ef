import pc from 'picocolors'
import type { MappingProblem } from '../core/mapping/mapping-problem.ts'
import { print } from './output.ts'

/** A problem of a mapping, with its place in a file where it came from one. */
export interface PlacedProblem extends MappingProblem {
  readonly mapping: string | null
  readonly file: string | null
  readonly line: number | null
}

export function hasErrors(problems: readonly MappingProblem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}

/** All problems, each with its place, what stands there, what is wrong with it, and what to do. */
export function showProblems(problems: readonly PlacedProblem[]): void {
  for (const { file, line, mapping, severity, path, value, code, message, remedy } of problems) {
    const place = [line === null ? file : `${file}:${line}`, mapping].filter((part) => part !== null)
    const paint = severity === 'error' ? pc.red : pc.yellow
    print(`${pc.bold(place.join(' '))} ${paint(severity)} ${code}`)
    const at = path === '' ? '' : value === '' ? `${path}: ` : `${path} = '${value}': `
    print(`  ${at}${message}`)
    print(`  ${pc.dim(remedy)}`)
  }
}
