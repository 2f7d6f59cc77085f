import { graphAnswer } from "../graph/serve-graph.ts";
import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";
import type { Answer } from "./call.ts";
import type { Incoming } from "./operation.ts";
import { belowService } from "./operation.ts";
import type { TokenVerdict } from "./tokens.ts";

function tokenOf(request: Incoming): string {
  const [scheme = "", token = ""] = (request.headers["authorization"] ?? "").split(" ");
  return scheme.toLowerCase() === "bearer" ? token : "";
}

/** 401 says where to sign in. Its body and the exact parameters are general knowledge. */
function unauthorized(org: Org, verdict: TokenVerdict): Problem {
  const where = `authorization_uri=${org.url}/${org.tenantId}/oauth2/authorize, resource_id=${org.url}/`;
  const why =
    verdict === "expired" ? 'error="invalid_token", error_description="The token expired", ' : "";
  return problem(401, "0x0", "HTTP Error 401 - Unauthorized: Access is denied", {
    "WWW-Authenticate": `Bearer ${why}${where}`,
  });
}

/** Only version 4.0 is spoken; a client that says nothing is understood (facts §1.1; the code is a guess). */
function wrongVersion(headers: Incoming["headers"]): Problem | undefined {
  const version = headers["odata-version"] ?? "4.0";
  const most = headers["odata-maxversion"] ?? "4.0";
  if (version === "4.0" && Number(most) >= 4) return undefined;
  return problem(400, "0x80060888", "OData-Version and OData-MaxVersion must be 4.0.");
}

/** What stops a request to Dataverse before it is looked at. */
export function dataverseDoor(org: Org, request: Incoming): Problem | undefined {
  const verdict = org.tokens.check(tokenOf(request), "dataverse");
  if (verdict !== "good") return unauthorized(org, verdict);
  if (org.options.applicationUser === false)
    return problem(403, "0x80072560", "The user is not a member of the organization.");
  if (belowService(request.path) === undefined)
    return problem(404, "0x8006088a", "Resource not found for the segment of the path.");
  return wrongVersion(request.headers);
}

/** What stops a request to Graph before it is looked at. */
export function graphDoor(org: Org, request: Incoming): Answer | undefined {
  const verdict = org.tokens.check(tokenOf(request), "graph");
  if (verdict === "good") return undefined;
  const message =
    verdict === "expired"
      ? "Lifetime validation failed, the token is expired."
      : "Access token validation failure.";
  const where = `Bearer realm="", authorization_uri="${org.url}/common/oauth2/authorize"`;
  const headers = { "WWW-Authenticate": where };
  return graphAnswer(problem(401, "InvalidAuthenticationToken", message, headers), org.now());
}
