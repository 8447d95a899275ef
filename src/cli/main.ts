#!/usr/bin/env -S node --max-semi-space-size=32
import { endProcess } from '../app/end-process.ts'
import { guardOutput } from './output.ts'
import { runCommandLine } from './program.ts'

guardOutput()
endProcess(await runCommandLine(process.argv.slice(2)))
