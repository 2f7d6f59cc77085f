import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { keyUuid } from "@wrapup/core";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { dynamics } from "../src/index.ts";
import { activity, openOrg, put } from "./client/org.ts";
import type { Org } from "./client/org.ts";
import { seedUser } from "./client/people.ts";

/** A token as Entra gives it: the door has another address than the organisation that the token is for. */
const tokenOf = async ({ emulator }: Org): Promise<string> => {
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${emulator.url}/.default`,
  });
  const address = `${emulator.authority}/${tenantId}/oauth2/v2.0/token`;
  const granted: unknown = await (await fetch(address, { method: "POST", body })).json();
  return z.object({ access_token: z.string() }).parse(granted).access_token;
};

const passed = new Set(["accept", "authorization", "content-type", "if-none-match", "prefer"]);

const passOn = async (org: Org, request: IncomingMessage, said: string): Promise<Response> => {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" && passed.has(name) ? [[name, value]] : [],
    ),
  );
  const body = said === "" ? {} : { body: said };
  const address = `${org.emulator.url}${request.url ?? ""}`;
  return fetch(address, { method: request.method ?? "GET", headers, ...body });
};

/** An organisation behind a door that keeps the batches that go through it. */
const overheard = async () => {
  const org = await openOrg();
  const batches: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = await text(request);
    if (request.url?.endsWith("/$batch") === true) batches.push(said);
    const reply = await passOn(org, request, said);
    const type = reply.headers.get("content-type") ?? "text/plain";
    response.writeHead(reply.status, { "content-type": type }).end(await reply.text());
  };
  const door = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
  const address = door.address();
  const token = await tokenOf(org);
  const adapter = dynamics({
    environment: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    signIn: { token: () => Promise.resolve(token) },
  });
  onTestFinished(async () => {
    await adapter.close();
    door.closeAllConnections();
    door.close();
  });
  return { org, adapter, batches };
};

test("W2 W4 over the wire goes a create that names its id, with its people, and then the completion of what is there", async () => {
  const { org, adapter, batches } = await overheard();
  const [person, agent] = [await org.contact(), await seedUser(org.control)];
  const entry = activity(1, { roles: { party: [person] }, owner: agent });
  const [answer] = await adapter.push([put(entry)], org.context);
  expect(answer).toMatchObject({ is: "written", how: "created" });
  const said = (batches.at(-1) ?? "").split("\r\n");
  const id = keyUuid(entry.key);
  expect(said.filter((line) => /^(?:POST|PATCH|PUT|DELETE) |^If-/.test(line))).toEqual([
    "POST /api/data/v9.2/phonecalls HTTP/1.1",
    `PATCH /api/data/v9.2/phonecalls(${id}) HTTP/1.1`,
    "If-Match: *",
  ]);
  const [created, completed]: readonly unknown[] = said
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  expect(created).toEqual({
    activityid: id,
    subject: "Call 1",
    description: "said 1",
    directioncode: false,
    actualdurationminutes: 1,
    "ownerid@odata.bind": `/systemusers(${agent})`,
    phonecall_activity_parties: [
      { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${person.id})` },
      { participationtypemask: 2, "partyid_systemuser@odata.bind": `/systemusers(${agent})` },
    ],
  });
  expect(completed).toEqual({ statecode: 1, statuscode: 4 });
});
