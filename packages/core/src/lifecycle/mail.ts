import type { Mail } from "../model/interaction.ts";
import { customerMail, sameMail } from "../model/mail.ts";
import { withConnection } from "./links.ts";
import {
  type CommandOf,
  ignored,
  line,
  type Outcome,
  refusal,
  type Turn,
  unchanged,
} from "./turn.ts";

/** An agent wrote to the customer: it goes out at once, due or not (L3, C5). The first telling of an id stands (L6). */
export function email(turn: Turn, { mail: told }: CommandOf<"email">): Outcome {
  const { mails, card, connections } = turn.now;
  const old = mails.find(({ id }) => id === told.id);
  if (old !== undefined)
    return sameMail(old, told)
      ? unchanged(turn)
      : ignored(turn, "a mail of this id was told before with other content; the first stands");
  const { cc = [], to = customerMail(card), ...rest } = told;
  if (to === undefined)
    throw refusal(turn.does, {
      code: "invalid_input",
      what: "The customer has no email address",
      mend: "Give `to`, or fill in the card's email first.",
    });
  const mail: Mail = {
    ...rest,
    to: typeof to === "string" ? [to] : to,
    ...(cc.length > 0 && { cc }),
    at: turn.time,
  };
  return {
    next: {
      ...turn.now,
      mails: [...mails, mail],
      connections: withConnection(connections, mail.via),
    },
    lines: [
      line(turn, `a mail to the customer, to be sent at once through ${mail.via}`, { rule: "L3" }),
    ],
    matters: false,
    atOnce: [mail.via],
  };
}
