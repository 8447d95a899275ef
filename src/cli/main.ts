#!/usr/bin/env node
import { endProcess } from '../app/end-process.ts'
import { guardOutput } from './output.ts'
import { runCommandLine } from './program.ts'

guardOutput()
endProcess(await runCommandLine(process.argv.slice(2)))
