import type { InteractionHandle, LegHandle, TenantView } from "@wrapup/core";

/** The people who take the calls. */
export const agents = Array.from({ length: 10 }, (_, n) => ({
  id: `agent-${n}`,
  name: `Agent ${n}`,
  email: `agent${n}@wrapup.example`,
}));

/** The customer of the nth call. */
export const personOf = (n: number) => ({
  name: `Cora Customer ${n}`,
  phone: `+1415555${String(n % 10_000).padStart(4, "0")}`,
  email: `cora${n}@customer.example`,
});

/** The commands of one voice call of one leg, one after another, with event ids as platforms send them. */
export type Call = {
  readonly id: string;
  readonly n: number;
  readonly contact: string;
  /** The CRM's name for contacts; Salesforce's where it is left out. */
  readonly type?: string;
};

type Step = (open: {
  readonly handle: InteractionHandle;
  readonly leg: LegHandle;
}) => Promise<unknown>;

/** Begins it: the customer is connected to an agent. */
export async function connect(
  view: TenantView,
  { id, n }: Pick<Call, "id" | "n">,
): Promise<{ readonly handle: InteractionHandle; readonly leg: LegHandle }> {
  const handle = await view.interactions.start({
    id,
    channel: "voice",
    customer: personOf(n),
    queue: "Support",
    eventId: "1-start",
  });
  const agent = agents[n % agents.length] ?? { id: "nobody" };
  return { handle, leg: await handle.accept({ agent, leg: "1", eventId: "2-accept" }) };
}

/** What follows `connect`, up to the command that makes the call due. */
export const restOf = ({
  contact,
  type = "Contact",
}: Pick<Call, "contact" | "type">): readonly Step[] => [
  ({ handle }) => handle.link({ connection: "sales", type, id: contact }, { eventId: "3-link" }),
  ({ leg }) =>
    leg.endTalk({ durations: { talkSeconds: 184, holdSeconds: 12 }, eventId: "4-endTalk" }),
  ({ leg }) => leg.completeWrapUp({ disposition: "Resolved", eventId: "5-wrapUp" }),
];

/** Commands in a whole call: start, accept, link, endTalk, completeWrapUp. */
export const commandsPerCall = 5;

/** A whole call, one command after another. */
export async function playCall(view: TenantView, call: Call): Promise<void> {
  const open = await connect(view, call);
  for (const step of restOf(call)) await step(open);
}
