import { code, idBeside, option, plain, type Table, text } from './field.ts'

export const salesOrder: Table = {
  caption: 'Sales Header',
  key: ['number'],
  fields: {
    documentType: option(['Order'], 'Document Type', { readOnly: true }),
    number: code(20, 'No.'),
    externalDocumentNumber: code(35, 'External Document No.'),
    orderDate: plain('date', 'Order Date'),
    requestedDeliveryDate: plain('date', 'Requested Delivery Date'),
    customerNumber: code(20, 'Sell-to Customer No.', { relation: 'customer' }),
    customerId: idBeside('customerNumber', 'Customer Id'),
    customerName: text(100, 'Sell-to Customer Name', { readOnly: true }),
    currencyCode: code(10, 'Currency Code', { relation: 'currency' }),
    currencyId: idBeside('currencyCode', 'Currency Id'),
    salesperson: code(20, 'Salesperson Code', { relation: 'salesperson' }),
    totalAmountExcludingTax: plain('decimal', 'Amount', { readOnly: true }),
    status: option(['Draft', 'In Review', 'Open'], 'Status', { readOnly: true }),
  },
}

export const salesOrderLine: Table = {
  caption: 'Sales Line',
  key: ['documentNumber', 'sequence'],
  fields: {
    documentNumber: code(20, 'Document No.', { relation: 'salesOrder' }),
    documentId: idBeside('documentNumber', 'Document Id'),
    sequence: plain('integer', 'Line No.'),
    lineType: option(['Comment', 'Account', 'Item', 'Resource'], 'Type'),
    lineObjectNumber: code(20, 'No.'),
    description: text(100, 'Description'),
    quantity: plain('decimal', 'Quantity'),
    unitPrice: plain('decimal', 'Unit Price'),
    netAmount: plain('decimal', 'Amount', { readOnly: true }),
  },
}

export const opportunity: Table = {
  caption: 'Opportunity',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    description: text(100, 'Description'),
    contactNumber: code(20, 'Contact No.', { relation: 'contact' }),
    contactName: text(100, 'Contact Name', { readOnly: true }),
    salespersonCode: code(20, 'Salesperson Code', { relation: 'salesperson' }),
    status: option(['Not Started', 'In Progress', 'Won', 'Lost'], 'Status'),
    creationDate: plain('date', 'Creation Date'),
    dateClosed: plain('date', 'Date Closed'),
    estimatedValue: plain('decimal', 'Estimated Value (LCY)'),
  },
}
