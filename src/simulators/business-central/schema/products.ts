import { code, type Field, idBeside, option, plain, type Table, text } from './field.ts'

const unit: Readonly<Record<string, Field>> = {
  baseUnitOfMeasureCode: code(10, 'Base Unit of Measure', { relation: 'unitOfMeasure' }),
  baseUnitOfMeasureId: idBeside('baseUnitOfMeasureCode', 'Unit of Measure Id'),
}

export const item: Table = {
  caption: 'Item',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    displayName: text(100, 'Description'),
    type: option(['Inventory', 'Service', 'Non-Inventory'], 'Type'),
    itemCategoryCode: code(20, 'Item Category Code'),
    blocked: plain('boolean', 'Blocked'),
    gtin: code(14, 'GTIN'),
    inventory: plain('decimal', 'Inventory', { readOnly: true }),
    unitPrice: plain('decimal', 'Unit Price'),
    priceIncludesTax: plain('boolean', 'Price Includes VAT'),
    unitCost: plain('decimal', 'Unit Cost'),
    profitPercent: plain('decimal', 'Profit %', { readOnly: true }),
    ...unit,
    unitVolume: plain('decimal', 'Unit Volume'),
    grossWeight: plain('decimal', 'Gross Weight'),
    vendorNumber: code(20, 'Vendor No.', { relation: 'vendor' }),
    vendorItemNumber: text(50, 'Vendor Item No.'),
    lastDateModified: plain('date', 'Last Date Modified', { readOnly: true }),
  },
}

export const resource: Table = {
  caption: 'Resource',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    type: option(['Person', 'Machine'], 'Type'),
    displayName: text(100, 'Name'),
    ...unit,
    unitPrice: plain('decimal', 'Unit Price'),
    unitCost: plain('decimal', 'Unit Cost'),
    vendorNumber: code(20, 'Vendor No.', { relation: 'vendor' }),
    capacity: plain('decimal', 'Capacity'),
    blocked: plain('boolean', 'Blocked'),
    lastDateModified: plain('date', 'Last Date Modified', { readOnly: true }),
  },
}
