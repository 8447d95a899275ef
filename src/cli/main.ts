#!/usr/bin/env -S node --max-semi-space-size=32
import { runCommandLine } from './program.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
