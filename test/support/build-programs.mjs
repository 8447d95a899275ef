/** Makes plain JavaScript of programs: `node build-programs.mjs FOLDER FILE…`, files from the root of the project. */
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const [folder, ...files] = process.argv.slice(2)

/** Packages that look for files beside themselves, and those that only users' own code needs. */
const foundAtRunTime = ['@bull-board/*', 'pino', 'pino-pretty', 'tsx', 'vitest', '@vitest/*', 'chai']

/** Sources go on looking for files where they stand themselves. */
const places = {
  name: 'places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(src|workers|test)\/.*\.ts$/ }, ({ path }) => {
      if (path.includes('/node_modules/')) return undefined
      const text = readFileSync(path, 'utf8')
      const place = JSON.stringify(pathToFileURL(path).href)
      return { contents: text.replaceAll('import.meta.url', place), loader: 'ts' }
    }),
}

await build({
  absWorkingDir: root,
  entryPoints: files,
  outdir: folder,
  outbase: root,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: foundAtRunTime,
  plugins: [places],
  // CommonJS packages ask for others.
  banner: {
    js: `import { createRequire as createRequireHere } from 'node:module'
const require = createRequireHere(${JSON.stringify(import.meta.url)})`,
  },
  logLevel: 'error',
})
