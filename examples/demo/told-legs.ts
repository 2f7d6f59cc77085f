import {
  type CrmName,
  happensIn,
  lostWrapUpMs,
  type RecordName,
  type Scene,
  type Story,
} from "./story.ts";

/** When something became due: at a scene, or so long after it (a lost wrap-up). */
export type Moment = { readonly scene: number; readonly afterMs: number };

/** One agent's part of a story, as a reader of the story understands it. */
export type ToldLeg = {
  readonly leg: string;
  readonly agent: string;
  /** Consulted agents who never joined the customer are not written about. */
  readonly talksWithCustomer: boolean;
  readonly due?: Moment;
  readonly disposition?: string;
};

/** A link of a story, and the first leg (by position among those who talked with the customer) that it belongs to. */
export type ToldLink = {
  readonly record: RecordName;
  readonly parents: readonly RecordName[];
  readonly fromLeg: number;
};

type Part = {
  agent: string;
  talks: boolean;
  dialling: boolean;
  talkEnd?: number;
  wrappedUp?: number;
  due?: Moment;
  disposition?: string;
};

/**
 * Reads a story as a person would: who handled it, when each was done, and which records of one CRM it belongs to at the end.
 * It follows the spec's words (L1, L2, L4, L5, L7, K2) and asks nothing of the library, because it is what the library is judged by.
 */
export class Reading {
  readonly #story: Story;
  readonly #crm: CrmName;
  readonly #parts = new Map<string, Part>();
  #links: readonly ToldLink[] = [];

  constructor(story: Story, crm: CrmName) {
    this.#story = story;
    this.#crm = crm;
    for (const [n, scene] of story.scenes.entries()) this.#read(scene, n);
    for (const part of this.#parts.values())
      if (part.due === undefined && part.talkEnd !== undefined)
        part.due = { scene: part.talkEnd, afterMs: lostWrapUpMs };
  }

  get legs(): readonly ToldLeg[] {
    return [...this.#parts].map(([leg, { agent, talks, due, disposition }]) => ({
      leg,
      agent,
      talksWithCustomer: talks,
      ...(due !== undefined && { due }),
      ...(disposition !== undefined && { disposition }),
    }));
  }

  get links(): readonly ToldLink[] {
    return this.#links;
  }

  get #isVoice(): boolean {
    return this.#story.channel === "voice";
  }

  #read(scene: Scene, n: number): void {
    switch (scene.do) {
      case "accept":
        if (!this.#parts.has(scene.leg))
          this.#parts.set(scene.leg, {
            agent: scene.agent,
            talks: scene.role !== "consult",
            dialling: false,
          });
        break;
      case "dial":
        this.#parts.set(scene.leg, { agent: scene.agent, talks: true, dialling: true });
        break;
      case "joinCustomer":
      case "answer":
        this.#change(scene.leg, (part) => Object.assign(part, { talks: true, dialling: false }));
        break;
      case "endTalk":
      case "transfer":
        this.#change(scene.leg, (part) =>
          this.#leaves(part, n, scene.do === "endTalk" && scene.wrapUp === "none"),
        );
        break;
      case "completeWrapUp":
        this.#change(scene.leg, (part) => this.#wrapsUp(part, n, scene.disposition));
        break;
      case "unassign":
        this.#change(scene.leg, (part) => {
          part.due ??= { scene: n, afterMs: 0 };
          if (scene.disposition !== undefined) part.disposition = scene.disposition;
        });
        break;
      case "setStatus":
        if (scene.status === "closed" && !this.#isVoice)
          for (const part of this.#parts.values()) part.due ??= { scene: n, afterMs: 0 };
        break;
      default:
        this.#readLink(scene);
    }
  }

  #change(leg: string, change: (part: Part) => void): void {
    const part = this.#parts.get(leg);
    if (part !== undefined) change(part);
  }

  #leaves(part: Part, n: number, noWrapUp: boolean): void {
    if (part.talkEnd !== undefined) return;
    part.talkEnd = n;
    if (!this.#isVoice || noWrapUp || part.dialling || part.wrappedUp !== undefined)
      part.due ??= { scene: n, afterMs: 0 };
  }

  #wrapsUp(part: Part, n: number, disposition: string): void {
    if (part.wrappedUp !== undefined) return;
    part.wrappedUp = n;
    part.disposition = disposition;
    if (part.talkEnd !== undefined) part.due ??= { scene: n, afterMs: 0 };
  }

  #readLink(scene: Scene): void {
    if (!happensIn(this.#crm, this.#story, scene)) return;
    const links = this.#links;
    const rename = (from: RecordName, record: RecordName): readonly ToldLink[] =>
      links.map((link) => (link.record === from ? { ...link, record } : link));
    if (scene.do === "link")
      this.#links = links.some(({ record }) => record === scene.record)
        ? links
        : [...links, this.#linked(scene.record, scene.parents ?? [])];
    if (scene.do === "createCase") this.#links = [...links, this.#linked(scene.record, [])];
    if (scene.do === "unlink") this.#links = links.filter(({ record }) => record !== scene.record);
    if (scene.do === "crmMerges") this.#links = rename(scene.loser, scene.winner);
    if (scene.do === "crmConverts") this.#links = rename(scene.lead, scene.into);
  }

  /** A link belongs to every leg that is not over yet and to those to come; where all are over, to the last one (K2). */
  #linked(record: RecordName, parents: readonly RecordName[]): ToldLink {
    const talking = [...this.#parts.values()].filter(({ talks }) => talks);
    const open = talking.findIndex(({ due }) => due === undefined);
    return { record, parents, fromLeg: open === -1 ? Math.max(0, talking.length - 1) : open };
  }
}
