import type { Customer } from "./cast.ts";
import { Script, type Plot, type Telling } from "./script.ts";
import type { Story } from "./story.ts";

type Parts = {
  readonly script: Script;
  readonly customer: Customer;
  readonly a: string;
  readonly b: string;
  readonly told: () => Story;
};

/** The usual beginnings: a customer the CRM knows, and two agents. */
export function begin({ id, plot, at, cast, crms }: Telling): Parts {
  const script = new Script(cast, at);
  const customer = cast.contact();
  const [a = "", b = ""] = cast.team(2);
  return {
    script,
    customer,
    a,
    b,
    told: () => script.told({ id, plot, channel: "voice", customer, crms }),
  };
}

/** When most calls become due, for people. */
export const afterWrapUp = "after the agent's wrap-up";

/** Calls as they usually go. */
export const voicePlots: readonly Plot[] = [
  {
    plot: "call",
    title: "Call, answered and wrapped up",
    due: afterWrapUp,
    weight: 30,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const search = telling.cast.random.chance(0.15);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record, ...(search && { search }) })
        .talks();
      if (telling.cast.random.chance(0.4))
        script
          .now({ do: "hold", leg: "a" })
          .about(15, 60, { do: "resume", leg: "a" })
          .talks(20, 60);
      if (telling.cast.random.chance(0.5))
        script.now({ do: "note", text: "Asked for a confirmation by letter." });
      script.wrapsUp("a");
      return told();
    },
  },
  {
    plot: "case",
    title: "Call, the agent creates a case",
    due: afterWrapUp,
    weight: 16,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const record = telling.cast.newCase();
      script.rings("a", a).about(5, 20, { do: "link", record: customer.record }).talks(40, 120);
      script
        .now({
          do: "createCase",
          record,
          subject: `Refund (${telling.id})`,
          in: telling.crms.slice(-1),
        })
        .talks(20, 90)
        .wrapsUp("a");
      return told();
    },
  },
  {
    plot: "lateNote",
    title: "Call, a note added later",
    due: afterWrapUp,
    weight: 4,
    latest: 15,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 90)
        .wrapsUp("a");
      script.about(150, 240, {
        do: "note",
        text: `The parcel was found (${telling.id}).`,
        inCrm: true,
      });
      return told();
    },
  },
  {
    plot: "openCase",
    title: "Call about an open case",
    due: afterWrapUp,
    weight: 8,
    tell: (telling) => {
      const { cast } = telling;
      const { script, customer, a, told } = begin(telling);
      const account = cast.account();
      const found = cast.openCase(customer, account);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .later(5, { do: "link", record: account });
      script
        .about(5, 30, { do: "link", record: found, parents: [account] })
        .talks()
        .wrapsUp("a");
      return told();
    },
  },
  {
    plot: "coldTransfer",
    title: "Call, cold transfer",
    due: "after each agent's own wrap-up",
    weight: 15,
    tell: (telling) => {
      const { script, customer, a, b, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 120)
        .now({ do: "transfer", leg: "a", to: b });
      script.later(6, { do: "accept", leg: "b", agent: b });
      const slow = telling.cast.random.chance(0.3);
      if (!slow)
        script.about(20, 60, { do: "completeWrapUp", leg: "a", disposition: "Transferred" });
      script.talks(30, 90).wrapsUp("b");
      if (slow)
        script.about(10, 60, { do: "completeWrapUp", leg: "a", disposition: "Transferred" });
      return told();
    },
  },
  {
    plot: "warmTransfer",
    title: "Call, warm transfer",
    due: "after each agent's own wrap-up",
    weight: 10,
    tell: (telling) => {
      const { script, customer, a, b, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 90)
        .now({ do: "hold", leg: "a" });
      script
        .later(5, { do: "accept", leg: "b", agent: b, role: "consult" })
        .about(10, 40, { do: "resume", leg: "a" });
      script.later(2, { do: "joinCustomer", leg: "b" }).about(5, 20, { do: "endTalk", leg: "a" });
      script
        .about(15, 60, { do: "completeWrapUp", leg: "a", disposition: "Transferred" })
        .talks(30, 120)
        .wrapsUp("b");
      return told();
    },
  },
  {
    plot: "conference",
    title: "Conference: two agents, two customers",
    due: "after each agent's own wrap-up",
    weight: 5,
    tell: (telling) => {
      const { script, customer, a, b, told } = begin(telling);
      const second = telling.cast.contact();
      script.rings("a", a).about(5, 20, { do: "link", record: customer.record }).talks(20, 60);
      script
        .now({ do: "accept", leg: "b", agent: b })
        .about(5, 15, { do: "link", record: second.record })
        .talks(60, 150);
      script.now({ do: "endTalk", leg: "b" }).about(5, 20, { do: "endTalk", leg: "a" });
      script.about(20, 60, { do: "completeWrapUp", leg: "a", disposition: script.disposition() });
      script.about(5, 60, { do: "completeWrapUp", leg: "b", disposition: script.disposition() });
      return told();
    },
  },
  {
    plot: "outbound",
    title: "Outbound call, answered",
    due: afterWrapUp,
    weight: 7,
    tell: (telling) => {
      const { script, customer, a } = begin(telling);
      script
        .later(1, { do: "dial", leg: "a", agent: a })
        .later(2, { do: "link", record: customer.record })
        .about(5, 20, { do: "answer", leg: "a" });
      script.talks(40, 160).wrapsUp("a");
      return script.told({ ...telling, channel: "voice", customer, direction: "outbound" });
    },
  },
  {
    plot: "unanswered",
    title: "Outbound call, nobody answers",
    due: "when it stops ringing",
    weight: 5,
    tell: (telling) => {
      const { script, customer, a } = begin(telling);
      script
        .later(1, { do: "dial", leg: "a", agent: a })
        .later(2, { do: "link", record: customer.record })
        .about(20, 40, { do: "endTalk", leg: "a" });
      return script.told({ ...telling, channel: "voice", customer, direction: "outbound" });
    },
  },
  {
    plot: "noWrapUp",
    title: "Call from a queue without wrap-up",
    due: "at the end of talk",
    weight: 5,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 120)
        .now({ do: "endTalk", leg: "a", wrapUp: "none" });
      return told();
    },
  },
];
