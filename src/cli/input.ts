import { text } from 'node:stream/consumers'

/** All that comes in on stdin, without the final line break. */
export async function readInput(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}
