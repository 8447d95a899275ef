import type { FieldType } from '../../core/mapping/schema.ts'
import type { Value } from '../../core/values/value.ts'

export type NonNullableValue = NonNullable<Value>

/** Values every system must give back without a change, by kind of field. */
export const samples: Readonly<Partial<Record<FieldType['kind'], readonly NonNullableValue[]>>> = {
  text: [
    'text:',
    'text: ',
    'text:  both ends  ',
    "text:o'brien",
    'text:"quoted"',
    'text:back\\slash',
    'text:a|b',
    'text:{1,2}',
    'text:NULL',
    'text:null',
    'text:$1; DROP TABLE x; --',
    'text:line\nbreak\r\n\ttab',
    'text:ÆØÅ ß é é',
    'text:日本語',
    'text:😀👩‍👩‍👧',
    'text:\u0001\u007f\u00a0\ufeff',
    `text:${'long '.repeat(2_000)}`,
  ],
  code: ['text:', 'text:A-1', 'text:ÆØÅ', 'text:10000'],
  integer: ['int:0', 'int:-1', 'int:9007199254740993', 'int:9223372036854775807', 'int:-9223372036854775808'],
  decimal: [
    'dec:0',
    'dec:0.1',
    'dec:-0.00000000000000000001',
    'dec:12345678901234567890.123456789',
    'dec:9007199254740993',
    'dec:1000000000000000000000000000000',
  ],
  boolean: ['bool:true', 'bool:false'],
  date: ['date:2024-02-29', 'date:0001-01-01', 'date:9999-12-31', 'date:1753-01-01'],
  time: ['time:00:00:00.000000', 'time:23:59:59.999999', 'time:12:30:00.100000'],
  instant: [
    'instant:2024-05-01T10:00:00.000000Z',
    'instant:2024-05-01T10:00:00.000001Z',
    'instant:2024-03-31T01:30:00.123456Z',
    'instant:1900-01-01T00:00:00.500000Z',
    'instant:9999-12-31T23:59:59.999999Z',
  ],
  moment: [
    'moment:2024-05-01T10:00:00.000000',
    'moment:2024-03-31T02:30:00.000001',
    'moment:0001-01-01T00:00:00.000000',
    'moment:9999-12-31T23:59:59.999999',
  ],
  uuid: ['uuid:00000000-0000-0000-0000-000000000000', 'uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  json: [
    'json:null',
    'json:{}',
    'json:[]',
    'json:{"1":2,"a":[1,"x",null,true],"b":{"c":"\\"q\\" \\\\ ü"}}',
    'json:12345678901234567890.123456789',
    'json:{"n":9007199254740993}',
  ],
  bytes: ['bytes:', 'bytes:AA==', 'bytes:/wCAfw==', 'bytes:XHh9'],
}
