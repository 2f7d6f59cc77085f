import type { Answer, ApiCall } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import { callProblem, Refusal } from "../problem.ts";
import type { Dispatch } from "./composite.ts";
import { runParts } from "./composite.ts";
import { bodyOf, methodNotAllowed } from "./targets.ts";

const graphLimit = 75;
const nodeLimit = 500;

function malformed(message: string): Refusal {
  return new Refusal(callProblem(400, "JSON_PARSER_ERROR", message));
}

/** POST composite/graph: each graph is atomic [D facts §2.2; R composite-graph-request]. Depth and node kinds are not limited here. */
export function graphResource(call: ApiCall, dispatch: Dispatch): Answer {
  if (call.method !== "POST") throw methodNotAllowed(call, "POST");
  const list = bodyOf(call)["graphs"];
  if (!Array.isArray(list) || list.length > graphLimit)
    throw malformed(`graphs must be a list of at most ${graphLimit}`);
  const graphs = list.map((graph: unknown) => {
    const parts = isObject(graph) ? graph["compositeRequest"] : undefined;
    const graphId = isObject(graph) ? graph["graphId"] : undefined;
    if (!Array.isArray(parts) || typeof graphId !== "string")
      throw malformed("A graph needs graphId and compositeRequest.");
    return { graphId, parts };
  });
  const nodes = graphs.reduce((sum, graph) => sum + graph.parts.length, 0);
  if (nodes > nodeLimit)
    throw new Refusal(callProblem(400, "LIMIT_EXCEEDED", `more than ${nodeLimit} nodes`));
  const answers = graphs.map(({ graphId, parts }) => {
    const compositeResponse = runParts(call, parts, true, dispatch);
    const isSuccessful = compositeResponse.every((part) => part.httpStatusCode < 400);
    return { graphId, graphResponse: { compositeResponse }, isSuccessful };
  });
  return { status: 200, body: { graphs: answers } };
}
