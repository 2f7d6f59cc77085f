/** Given names of agents and customers. */
export const firstNames = [
  "Ada",
  "Bruno",
  "Carla",
  "Dev",
  "Elif",
  "Femi",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Keiko",
  "Liam",
  "Mara",
  "Nils",
  "Oona",
  "Pavel",
];
/** Family names of agents and customers. */
export const lastNames = [
  "Abel",
  "Brandt",
  "Castillo",
  "Dunn",
  "Egger",
  "Fischer",
  "Garcia",
  "Huber",
  "Ito",
  "Jensen",
  "Kovacs",
  "Lindt",
  "Moreau",
  "Novak",
  "Okafor",
  "Petrov",
];

/** How many agents are still there. */
export const agents = 15;

/** One of a list, which is begun again at its end. */
export function pick<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length];
  if (found === undefined) throw new Error("demo org: an empty list");
  return found;
}

/** Numbers as people type them: the formats that search has to cope with. 555-01xx is set aside for invented numbers. */
export function phone(row: number): string {
  const last = String(100 + (row % 100)).padStart(4, "0");
  const area = pick(["415", "212", "646", "312", "206"], row);
  const forms = [
    `(${area}) 555-${last}`,
    `+1${area}555${last}`,
    `${area}-555-${last}`,
    `${area}.555.${last}`,
    `1 ${area} 555 ${last}`,
    `${area}555${last}`,
  ];
  return pick(forms, Math.floor(row / 5));
}

/** An agent of the demo organisation; `gone`: who left. */
export type Agent = {
  readonly row: number;
  readonly email: string;
  readonly first: string;
  readonly last: string;
  readonly gone: boolean;
};

/** Everybody who works here, or did. */
export function cast(): readonly Agent[] {
  const here = Array.from({ length: agents }, (_one, at) => ({
    row: at + 1,
    email: `a${at + 1}@wrapup.example`,
    first: pick(firstNames, at + 1),
    last: pick(lastNames, (at + 1) * 3),
    gone: false,
  }));
  return [
    ...here,
    { row: 99, email: "gone@wrapup.example", first: "Gone", last: "Agent", gone: true },
  ];
}
