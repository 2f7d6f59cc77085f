import { notFound, Refusal } from "../problem.ts";
import {
  collectionRetrieveResource,
  collectionUpsertResource,
} from "../resources/collection-upsert.ts";
import { collectionResource } from "../resources/collections.ts";
import { compositeResource } from "../resources/composite.ts";
import { describeResource, globalDescribeResource } from "../resources/describe.ts";
import { graphResource } from "../resources/graph.ts";
import { limitsResource, resourceList } from "../resources/limits.ts";
import { queryResource } from "../resources/query.ts";
import { objectResource, recordResource } from "../resources/records.ts";
import { parameterizedSearchResource, searchResource } from "../resources/search.ts";
import { objectInfoResource, uiRecordsResource } from "../resources/ui-api.ts";
import { keyResource } from "../resources/upsert.ts";
import type { Answer, ApiCall } from "./call.ts";

function sobjects(call: ApiCall): Answer {
  const { segments } = call;
  if (segments.length === 1) return globalDescribeResource(call);
  if (segments.length === 2) return objectResource(call);
  if (segments.length === 3)
    return segments[2] === "describe" ? describeResource(call) : recordResource(call);
  // `sobjects/Account/Id/001…` goes by the Id field [R update-record-by-external-id].
  if (segments.length === 4) return keyResource(call);
  throw new Refusal(notFound());
}

function composite(call: ApiCall): Answer {
  const { segments } = call;
  if (segments.length === 1) return compositeResource(call, dispatch);
  if (segments[1] === "graph" && segments.length === 2) return graphResource(call, dispatch);
  if (segments[1] !== "sobjects") throw new Refusal(notFound());
  if (segments.length === 2) return collectionResource(call);
  if (segments.length === 3) return collectionRetrieveResource(call);
  if (segments.length === 4) return collectionUpsertResource(call);
  throw new Refusal(notFound());
}

function uiApi(call: ApiCall): Answer {
  const { segments } = call;
  if (segments[1] === "records" && segments.length <= 3) return uiRecordsResource(call);
  if (segments[1] === "object-info" && segments.length === 3) return objectInfoResource(call);
  throw new Refusal(notFound());
}

const rooms: Readonly<Record<string, (call: ApiCall) => Answer>> = {
  sobjects,
  composite,
  query: queryResource,
  queryAll: queryResource,
  search: searchResource,
  parameterizedSearch: parameterizedSearchResource,
  limits: limitsResource,
  "ui-api": uiApi,
};

/** Serves a path below /services/data/vXX.0/. */
export function dispatch(call: ApiCall): Answer {
  const [room] = call.segments;
  if (room === undefined) return resourceList(call);
  const serve = Object.hasOwn(rooms, room) ? rooms[room] : undefined;
  if (serve === undefined) throw new Refusal(notFound());
  return serve(call);
}
