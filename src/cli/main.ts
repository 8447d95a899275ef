#!/usr/bin/env -S node --max-semi-space-size=32
import { endProcess } from '../app/end-process.ts'
import { runCommandLine } from './program.ts'

endProcess(await runCommandLine(process.argv.slice(2)))
