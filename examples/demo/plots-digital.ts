import type { Channel } from "@wrapup/core";
import { Script, type Plot, type Telling } from "./script.ts";
import type { RecordName } from "./story.ts";
import type { Story } from "./story.ts";

type Parts = {
  readonly script: Script;
  readonly record: RecordName;
  readonly a: string;
  readonly b: string;
  readonly told: () => Story;
};

/** A customer writes, on one of these channels. */
function begin({ id, plot, at, cast, crms }: Telling, channels: readonly Channel[]): Parts {
  const script = new Script(cast, at);
  const customer = cast.contact();
  const [a = "", b = ""] = cast.team(2);
  const channel = cast.random.pick(channels);
  script.now({ do: "message", from: "customer" });
  return {
    script,
    record: customer.record,
    a,
    b,
    told: () => script.told({ id, plot, channel, customer, crms }),
  };
}

const chats: readonly Channel[] = ["chat", "chat", "messaging", "sms"];

/** Chats, messages and emails: one activity each, which grows with every agent who takes over. */
export const digitalPlots: readonly Plot[] = [
  {
    plot: "chat",
    title: "Chat or email, answered and unassigned",
    due: "at unassignment",
    weight: 16,
    tell: (telling) => {
      const { script, record, a, told } = begin(telling, [...chats, "email", "email"]);
      script
        .about(5, 30, { do: "accept", leg: "a", agent: a })
        .about(5, 20, { do: "link", record });
      script
        .about(10, 60, { do: "message", from: "agent" })
        .about(20, 90, { do: "message", from: "customer" })
        .about(20, 90, { do: "message", from: "agent" });
      script
        .about(5, 30, { do: "unassign", leg: "a", disposition: script.disposition() })
        .later(2, { do: "setStatus", status: "closed" });
      return told();
    },
  },
  {
    plot: "chatTransferred",
    title: "Chat or email, transferred",
    due: "at the transfer; then grows",
    weight: 14,
    tell: (telling) => {
      const { script, record, a, b, told } = begin(telling, [...chats, "email"]);
      script
        .about(5, 30, { do: "accept", leg: "a", agent: a })
        .about(5, 20, { do: "link", record })
        .talks(30, 120);
      script
        .now({ do: "transfer", leg: "a", to: b })
        .about(5, 40, { do: "accept", leg: "b", agent: b })
        .talks(60, 200);
      script
        .now({ do: "unassign", leg: "b", disposition: script.disposition() })
        .later(2, { do: "setStatus", status: "closed" });
      return told();
    },
  },
  {
    plot: "reopened",
    title: "Email or chat, reopened",
    due: "at unassignment; then grows",
    weight: 12,
    tell: (telling) => {
      const { script, record, a, b, told } = begin(telling, ["email", "email", "chat"]);
      const refund = telling.cast.newCase();
      script
        .about(5, 60, { do: "accept", leg: "a", agent: a })
        .about(5, 20, { do: "link", record })
        .talks(30, 90);
      script
        .now({ do: "unassign", leg: "a", disposition: "Waiting for customer" })
        .about(90, 240, { do: "message", from: "customer" });
      script
        .now({ do: "setStatus", status: "open" })
        .about(5, 30, { do: "accept", leg: "b", agent: b })
        .talks(20, 60);
      if (telling.cast.random.chance(0.5))
        script.now({
          do: "createCase",
          record: refund,
          subject: `Follow-up (${telling.id})`,
          in: telling.crms.slice(0, 1),
        });
      script
        .talks(30, 90)
        .now({ do: "unassign", leg: "b", disposition: script.disposition() })
        .later(3, { do: "setStatus", status: "closed" });
      return told();
    },
  },
  {
    plot: "closedWhileAssigned",
    title: "Chat closed while assigned",
    due: "when closed",
    weight: 6,
    tell: (telling) => {
      const { script, record, a, told } = begin(telling, chats);
      script
        .about(5, 30, { do: "accept", leg: "a", agent: a })
        .about(5, 20, { do: "link", record })
        .talks(60, 200);
      script.now({ do: "setStatus", status: "closed" }).later(17, { do: "unassign", leg: "a" });
      return told();
    },
  },
  {
    plot: "takenAway",
    title: "Email taken away by a supervisor",
    due: "at unassignment; then grows",
    weight: 4,
    tell: (telling) => {
      const { script, record, a, b, told } = begin(telling, ["email"]);
      const [boss = ""] = telling.cast.team(1);
      script
        .about(5, 60, { do: "accept", leg: "a", agent: a })
        .about(5, 20, { do: "link", record })
        .talks(60, 180);
      script
        .now({ do: "unassign", leg: "a", by: boss })
        .about(10, 60, { do: "accept", leg: "b", agent: b })
        .talks(60, 200);
      script
        .now({ do: "unassign", leg: "b", disposition: script.disposition() })
        .later(2, { do: "setStatus", status: "closed" });
      return told();
    },
  },
  {
    plot: "nobodyLinkedChat",
    title: "Chat that nobody linked to a record",
    due: "never: unlinked ones are skipped",
    weight: 3,
    tell: (telling) => {
      const { script, a, told } = begin(telling, chats);
      script
        .about(5, 30, { do: "accept", leg: "a", agent: a })
        .talks(60, 200)
        .now({ do: "unassign", leg: "a", disposition: "Information given" });
      return told();
    },
  },
];
