/** Layer rules of docs/architecture.md: everything not listed is an error; type-only imports count. */
const allow = (from, ...to) => ({
  name: `${from}-imports`,
  severity: 'error',
  comment: `src/${from} may import only: ${[from, ...to].join(', ')}`,
  from: { path: `^src/${from}/` },
  to: { path: '^(src|workers|test|bench)/', pathNot: [from, ...to].map((folder) => `^src/${folder}/`) },
})
const onlyIn = (packages, ...folders) => ({
  name: `only-${folders.join('-')}-uses-${packages[0]}`,
  severity: 'error',
  from: { path: '^(src|workers)/', pathNot: folders.map((folder) => `^src/${folder}/`) },
  to: { path: packages.map((name) => `^node_modules/${name}/`) },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'The examples name the package as its users do; here it is not built.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^couplet/(client|enqueue)$' },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      from: { pathNot: '^(test|bench|scripts)/' },
      to: { path: '^(test|bench)/' },
    },
    allow('lib'),
    allow('core', 'lib'),
    allow('usecases', 'core', 'lib'),
    allow('connectors', 'core', 'lib'),
    allow('store', 'core', 'lib'),
    allow('queue', 'core', 'lib'),
    allow('embedded', 'core', 'lib'),
    allow('demo', 'simulators', 'core', 'lib'),
    allow('simulators', 'lib'),
    allow('app', 'usecases', 'connectors', 'store', 'queue', 'embedded', 'core', 'lib'),
    allow('api', 'app', 'usecases', 'core', 'lib'),
    allow('client', 'api/contract', 'core', 'lib'),
    allow('cli', 'api', 'app', 'usecases', 'demo', 'simulators', 'core', 'lib'),
    {
      name: 'connectors-stay-apart',
      severity: 'error',
      comment: 'Every kind of system may use http and odata; these know no system.',
      from: { path: '^src/connectors/([^/]+)/', pathNot: '^src/connectors/(http|odata)/' },
      to: { path: '^src/connectors/', pathNot: '^src/connectors/($1|http|odata)/' },
    },
    {
      name: 'protocols-know-no-system',
      severity: 'error',
      from: { path: '^src/connectors/(http|odata)/' },
      to: { path: '^src/connectors/', pathNot: '^src/connectors/($1|http)/' },
    },
    {
      name: 'simulated-systems-stay-apart',
      severity: 'error',
      from: { path: '^src/simulators/([^/]+)/' },
      to: { path: '^src/simulators/', pathNot: '^src/simulators/($1|kit)/' },
    },
    {
      name: 'workers-import-app-and-api',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^src/', pathNot: '^src/(app|api)/' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: '^node_modules/(zod|croner|cronstrue)/|^(node:)?crypto$',
      },
    },
    onlyIn(['drizzle-orm'], 'store'),
    onlyIn(['bullmq', 'ioredis', 'bullmq-otel'], 'queue'),
    onlyIn(['prom-client', 'nodemailer'], 'app'),
    onlyIn(['pg'], 'store', 'queue', 'connectors/postgres', 'embedded', 'demo'),
    onlyIn(['undici'], 'connectors/http'),
    onlyIn(['chai', '@vitest/expect'], 'connectors/contract'),
    onlyIn(['fastify', '@bull-board', 'openid-client', 'cookie'], 'api'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
