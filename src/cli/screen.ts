import pretty from 'pino-pretty'
import type { Config } from '../app/config.ts'
import { createProgressView, type ProgressView } from './progress.ts'
import { progressMode } from './progress-mode.ts'

type Stream = NodeJS.WriteStream

/** Where progress and the log of the same process meet, so that neither spoils the other. */
export interface Screen {
  /** A view of one run; notes go through it until it has ended. */
  open(): ProgressView
  note(text: string): void
}

export function createScreen(options: { json: boolean; stream: Stream }): Screen {
  const mode = progressMode(options)
  let current: ProgressView | null = null
  return {
    open() {
      const view = createProgressView(mode, options.stream)
      current = view
      return {
        ...view,
        end() {
          current = null
          view.end()
        },
      }
    },
    note(text) {
      if (current) current.note(text)
      else options.stream.write(`${text}\n`)
    },
  }
}

/** Where the log of a process that shows progress goes. */
export function logOnScreen(screen: Screen, { logFormat }: Pick<Config, 'logFormat'>) {
  const format = pretty.prettyFactory({ colorize: process.stderr.isTTY, ignore: 'pid,hostname' })
  return {
    write: (line: string) => screen.note((logFormat === 'pretty' ? format(line) : line).trimEnd()),
  }
}
