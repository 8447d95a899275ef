import pino from 'pino'
import pretty from 'pino-pretty'
import type { Log } from '../core/ports/runtime.ts'
import { withoutCredentials } from '../lib/credentials.ts'
import type { Config } from './config.ts'
import { redact } from './redaction.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

interface Destination {
  write(line: string): void
}

/**
 * The log of a process: JSON lines on stderr (stdout belongs to results), or readable ones. Secrets are taken out
 * here, whatever the caller hands over. Give ids as `run`, `line`, `job`, `mapping`, through `child` where they last.
 */
export function createLog(
  settings: Pick<Config, 'logLevel' | 'logFormat'>,
  destination: Destination = standardError(settings.logFormat),
): Log {
  return wrap(
    pino(
      {
        level: settings.logLevel,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        // Errors are plain and safe already; pino's own form would bring their stack back.
        serializers: { err: (error) => error },
      },
      destination,
    ),
  )
}

/** Written synchronously: the last line before the end of a process is the one that is needed. */
function standardError(format: Config['logFormat']): Destination {
  if (format === 'json') return pino.destination({ fd: 2, sync: true })
  return pretty({ destination: 2, sync: true, colorize: process.stderr.isTTY, ignore: 'pid,hostname' })
}

function wrap(logger: pino.Logger): Log {
  const write = (level: Level) => (facts: object, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](redact(facts), withoutCredentials(message))
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => wrap(logger.child(redact(facts))),
  }
}
