import { afterWrapUp, begin } from "./plots-voice.ts";
import { Script, type Plot } from "./script.ts";
import { refusedDisposition } from "./story.ts";

/** Calls in which something goes wrong: in the contact center, with the links, or in the CRM. */
export const troublePlots: readonly Plot[] = [
  {
    plot: "rona",
    title: "Call that two agents missed",
    due: afterWrapUp,
    weight: 9,
    tell: (telling) => {
      const { script, customer, told } = begin(telling);
      const [a = "", b = "", c = ""] = telling.cast.team(3);
      script
        .later(2, { do: "offer", offer: "1", agent: a })
        .later(20, { do: "endOffer", offer: "1", outcome: "timedOut" });
      script
        .later(1, { do: "offer", offer: "2", agent: b })
        .about(5, 20, { do: "endOffer", offer: "2", outcome: "missed" });
      script
        .rings("c", c)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 120)
        .wrapsUp("c");
      return told();
    },
  },
  {
    plot: "abandoned",
    title: "Call given up in the queue",
    due: "never: nobody took it",
    weight: 5,
    tell: (telling) => {
      const { script, a, told } = begin(telling);
      script
        .later(5, { do: "offer", offer: "1", agent: a })
        .later(20, { do: "endOffer", offer: "1", outcome: "timedOut" })
        .about(5, 60, { do: "abandon" });
      return told();
    },
  },
  {
    plot: "lost",
    title: "Call, the wrap-up's end was lost",
    due: "15 min after talk, by timeout",
    weight: 5,
    latest: 7,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(30, 150)
        .now({ do: "endTalk", leg: "a" });
      return told();
    },
  },
  {
    plot: "untidy",
    title: "Call, events twice and in the wrong order",
    due: "when both ends are known",
    weight: 4,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      script.rings("a", a).about(5, 20, { do: "link", record: customer.record }).talks(30, 120);
      const ends = { do: "completeWrapUp", leg: "a", disposition: script.disposition() } as const;
      script
        .now(ends, "ended")
        .later(2, ends, "ended")
        .about(10, 50, { do: "endTalk", leg: "a" })
        .later(3, { do: "endTalk", leg: "a" });
      return told();
    },
  },
  {
    plot: "nobodyLinked",
    title: "Call that nobody linked to a record",
    due: "never: unlinked ones are skipped",
    weight: 5,
    tell: (telling) => {
      const { script, a, told } = begin(telling);
      script.rings("a", a).talks().wrapsUp("a");
      return told();
    },
  },
  {
    plot: "changedMind",
    title: "Call, wrong customer unlinked",
    due: afterWrapUp,
    weight: 6,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const wrong = telling.cast.contact();
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: wrong.record })
        .about(10, 60, { do: "unlink", record: wrong.record });
      script.later(3, { do: "link", record: customer.record }).talks().wrapsUp("a");
      return told();
    },
  },
  {
    plot: "corrected",
    title: "Call, wrong customer corrected later",
    due: afterWrapUp,
    weight: 3,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const wrong = telling.cast.contact();
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: wrong.record })
        .talks(30, 90)
        .wrapsUp("a");
      script
        .about(150, 240, { do: "unlink", record: wrong.record })
        .later(4, { do: "link", record: customer.record });
      return told();
    },
  },
  {
    plot: "lead",
    title: "Call from a lead, about a case",
    due: afterWrapUp,
    weight: 3,
    tell: (telling) => {
      const { cast } = telling;
      const script = new Script(cast, telling.at);
      const [a = ""] = cast.team(1);
      const lead = cast.lead();
      const account = cast.account();
      script.rings("a", a).about(5, 20, { do: "link", record: lead.record });
      script
        .about(5, 30, { do: "link", record: cast.openCase(cast.contact(account), account) })
        .talks()
        .wrapsUp("a");
      return script.told({ ...telling, channel: "voice", customer: lead });
    },
  },
  {
    plot: "merged",
    title: "Call, customer's two records were merged",
    due: afterWrapUp,
    weight: 2,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const twin = telling.cast.contact();
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: twin.record })
        .talks()
        .now({ do: "endTalk", leg: "a" });
      script
        .about(10, 30, { do: "crmMerges", winner: customer.record, loser: twin.record })
        .about(15, 60, { do: "completeWrapUp", leg: "a", disposition: "Resolved" });
      return told();
    },
  },
  {
    plot: "converted",
    title: "Call, the lead became a contact meanwhile",
    due: afterWrapUp,
    weight: 2,
    tell: (telling) => {
      const { cast } = telling;
      const script = new Script(cast, telling.at);
      const [a = ""] = cast.team(1);
      const lead = cast.lead();
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: lead.record })
        .talks()
        .now({ do: "endTalk", leg: "a" });
      script
        .about(10, 30, { do: "crmConverts", lead: lead.record, into: `Contact:of ${lead.record}` })
        .about(15, 60, { do: "completeWrapUp", leg: "a", disposition: "Order placed" });
      return script.told({ ...telling, channel: "voice", customer: lead });
    },
  },
  {
    plot: "deleted",
    title: "Call, customer deleted in the CRM",
    due: `${afterWrapUp}; parked`,
    weight: 2,
    everywhere: true,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      const { crms, nth } = telling;
      // Deleted in one CRM only: there it is parked, and the others are written.
      const one = crms.slice(nth % crms.length).slice(0, 1);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks()
        .now({ do: "crmDeletes", record: customer.record, in: one });
      script
        .later(10, { do: "endTalk", leg: "a" })
        .about(20, 60, { do: "completeWrapUp", leg: "a", disposition: "Call back" });
      return told();
    },
  },
  {
    plot: "refused",
    title: "Call that the CRM's own rule refuses",
    due: `${afterWrapUp}; parked`,
    weight: 1,
    everywhere: true,
    tell: (telling) => {
      const { script, customer, a, told } = begin(telling);
      script
        .rings("a", a)
        .about(5, 20, { do: "link", record: customer.record })
        .talks(20, 60)
        .wrapsUp("a", refusedDisposition);
      return told();
    },
  },
];
