/** Prints what the test runner's own JSON report counts, as the last line of .ci/run; no report is a failure. */
import { readFileSync } from 'node:fs'

const [, , file = 'report.json'] = process.argv

function readReport() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.log(`No test report at ${file}: ${error.message}`)
    return null
  }
}

const report = readReport()
if (report === null) process.exit(1)
const counts = [report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests]
const [passed, failed, skipped] = counts
const isComplete = counts.every(Number.isInteger) && passed + failed + skipped === report.numTotalTests
if (!isComplete || !report.success || passed === 0) {
  console.log('The test run did not succeed')
  process.exitCode = 1
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
