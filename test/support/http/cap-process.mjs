/**
 * An OData V4 service that nobody here wrote: SAP CAP on Postgres, as a process of its own. DATABASE_URL names an empty
 * database; prints `listening on <port>`. Pages hold at most 3 records.
 */
import { fileURLToPath } from 'node:url'
import cds from '@sap/cds'
import express from 'express'

const model = `
  service Peer @(path: '/odata/v4/peer') {
    @cds.query.limit: { default: 3, max: 3 }
    entity Accounts {
      key ID : UUID;
      name : String(100) not null;
      creditLimit : Decimal(19, 4);
      big : Int64;
      size : Integer;
      active : Boolean;
      born : Date;
      opens : Time;
      changedAt : Timestamp @odata.etag @cds.on.insert: $now @cds.on.update: $now;
      kind : String(10) @assert.range enum { small; large };
      parent : Association to Accounts;
      lines : Composition of many Lines on lines.account = $self;
    }
    entity Lines {
      key account : Association to Accounts;
      key number : Integer;
      text : String(20);
    }
  }`

const url = new URL(process.env['DATABASE_URL'] ?? '')
cds.env.requires.db = {
  kind: 'postgres',
  impl: fileURLToPath(import.meta.resolve('@cap-js/postgres')),
  credentials: {
    host: url.hostname,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  },
}
cds.env.sql.dialect = 'postgres'
cds.env.requires.auth = { kind: 'dummy' }
const csn = cds.compile(model)
cds.model = cds.linked(cds.compile.for.nodejs(csn))
cds.db = await cds.connect.to('db')
await cds.deploy(csn).to(cds.db)
const app = express()
await cds.serve('all').from(csn).in(app)
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`)
})
