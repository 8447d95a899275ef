type Words = readonly [string, ...string[]]

const words = (text: string): Words => text.split(' | ') as unknown as Words

export const firstNames = words(
  "Anna | Bent | Camilla | Dorthe | Erik | Freja | Gustav | Helle | Ida | Jens | Karen | Lars | Mette | Niels | Ole | Pernille | Rasmus | Sofie | Thomas | Ulla | Viggo | Åse | Øjvind | Jürgen | Zoë | Amélie | Liam | Nora | Emil | Clara | D'Arcy",
)
export const middleNames = words('Marie | Bo | Louise | Kjær | Elisabeth | Johan | af | Skov')
export const surnames = words(
  "Andersen | Bach | Christensen | Dahl | Eriksson | Frandsen | Gram | Hansen | Iversen | Jensen | Kjær | Lindqvist | Møller | Nielsen | Olsen | Petersen | Quist | Rasmussen | Sørensen | Thomsen | Ulrich | Vestergaard | Winther | O'Neill | Østergaard | Ågren | Müller | Schäfer | Lefèvre | van Dijk | Brown",
)
export const trades = words(
  'Furniture | Office Supplies | Timber | Bakery | Logistics | Hotels | Foods | Glass | Textiles | Lighting | Printing | Garden Centre | Electronics | Windows & Doors | Food + Wine | Catering | Machinery | Medical | 🎈 Party Supplies | Books | "Solar" Energy | Coffee | Carpets | Tools | Toys | Ceramics | Paper | 100% Wool | Salt/Pepper',
)
export const legalForms = words(
  'A/S | ApS | AB | AS | GmbH | Ltd. | & Sons | Group | International | B.V. | Oy',
)
export const streets = words(
  'Main Street | Station Road | Harbour Lane | Church Street | Nørregade | Vestergade | Strandvejen | Storgatan | Hauptstraße | Rue de la Paix | Mill Lane',
)
export const itemModels = words(
  'ATHENS | PARIS | BERLIN | OSLO | ROME | AMSTERDAM | ST.MORITZ | MUNICH | TOKYO | LONDON',
)
export const itemAdjectives = words(
  'Swivel | Folding | Oak | Steel | Blue | Conference | Compact | Adjustable | Outdoor | Glass | Children’s | Classic',
)
export const itemNouns = words(
  'Chair | Desk | Lamp | Cabinet | Shelf | Table | Bench | Stool | Screen | Bicycle | Wheel | Saddle | Frame',
)
export const resourceRoles = words(
  'Consultant | Technician | Installer | Driver | Designer | Project Manager | Electrician | Carpenter | Trainer',
)

export interface Place {
  readonly city: string
  readonly postCode: string
  readonly county: string
  readonly country: string
  readonly phonePrefix: string
  /** Blank for the local currency. */
  readonly currency: string
}

const place = (text: string): Place => {
  const [city = '', postCode = '', county = '', country = '', phonePrefix = '', currency = ''] =
    text.split('|')
  return { city, postCode, county, country, phonePrefix, currency }
}

export const places: readonly [Place, ...Place[]] = [
  place('Aarhus|8000||DK|+45|'),
  place('Odense|5000||DK|+45|'),
  place('København K|1200||DK|+45|'),
  place('Malmö|211 20|Skåne|SE|+46|SEK'),
  place('Göteborg|411 03|Västra Götaland|SE|+46|SEK'),
  place('Oslo|0150|Oslo|NO|+47|NOK'),
  place('Hamburg|20095|Hamburg|DE|+49|EUR'),
  place('München|80331|Bayern|DE|+49|EUR'),
  place('Manchester|M1 2AB|Lancashire|GB|+44|GBP'),
  place('Chicago|60601|IL|US|+1|USD'),
]
