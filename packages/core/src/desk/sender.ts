import type { Agent } from "../model/agent.ts";
import type { Interaction } from "../model/interaction.ts";
import { shown } from "../model/shown.ts";
import { WrapupError } from "../errors.ts";

/** Whose mail it is: the leg's agent, the one who was named, else the one agent who is, or was, on the interaction. */
export function senderOf(
  { legs }: Interaction,
  of: {
    readonly leg: string | undefined;
    readonly by: Agent | string | undefined;
    readonly place: string;
  },
): Agent {
  const { leg, by, place } = of;
  if (leg !== undefined) {
    const found = legs.find(({ id }) => id === leg);
    if (found === undefined)
      throw wrong("unknown_leg", "There is no such leg", place, "Accept it first.");
    if (found.agent === undefined)
      throw wrong(
        "not_allowed",
        "The leg has no agent yet",
        place,
        "Tell its start with an agent.",
      );
    return found.agent;
  }
  const agents = legs.flatMap(({ agent }) => agent ?? []);
  if (typeof by === "object") return { ...agents.findLast(({ id }) => id === by.id), ...by };
  if (by !== undefined) return named(agents, by, place);
  const open = legs.flatMap(({ agent, state }) => (state === "closed" ? [] : (agent ?? [])));
  const asked = open.length > 0 ? open : agents;
  const ids = [...new Set(asked.map(({ id }) => id))];
  const last = asked.at(-1);
  if (last !== undefined && ids.length === 1) return last;
  throw last === undefined
    ? wrong("invalid_input", "Nobody says whose mail it is", place, giveAgent)
    : wrong(
        "ambiguous_leg",
        `${ids.length} agents are on it, and nobody says whose mail it is`,
        place,
        `Call it on the leg that accept() gave, or give \`by\`: ${ids.map(shown).join(", ")}.`,
      );
}

function named(agents: readonly Agent[], by: string, place: string): Agent {
  const agent = agents.findLast(({ id }) => id === by);
  if (agent !== undefined) return agent;
  throw wrong("invalid_input", "No agent of this id has a leg here", place, giveAgent);
}

const giveAgent = "Give `by`: { id, email }.";

const wrong = (
  code: "unknown_leg" | "not_allowed" | "invalid_input" | "ambiguous_leg",
  what: string,
  place: string,
  mend: string,
): WrapupError => new WrapupError(code, what, { place, mend });
