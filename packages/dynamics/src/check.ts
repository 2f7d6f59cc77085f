import type { Abilities, Context, CrmAdapter, Finding } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import type { Client } from "./client.ts";
import type { Describes } from "./describe.ts";
import type { VendorPrivilege, VendorType } from "./odata/table.ts";
import type { EntraDirectory } from "./graph/directory.ts";
import { listOf } from "./http.ts";
import { defaultsOf, linkRules, linkRulesOf } from "./mapping.ts";
import type { Settings } from "./options.ts";
import { equalsId, rowAt, rowsWhere } from "./query.ts";
import { privilegesFor } from "./setup.ts";
import type { TablePrivileges } from "./setup.ts";

const finding = (
  severity: Finding["severity"],
  place: string,
  text: string,
  mend: string,
): Finding => ({ severity, place, text, mend });

/** Activity tables that are written. Pure. */
const activityTables = (settings: Settings): readonly string[] => [
  ...new Set(["phonecall", "email", settings.chatTable]),
];

/** What a check looks at. */
type Checked = {
  readonly client: Client;
  readonly describes: Describes;
  readonly settings: Settings;
  readonly directory: EntraDirectory | undefined;
};

/** Who we are, or why not, with what to mend: from here on every error is about one part of the environment. */
const signInFirst = async (client: Client, context: Context): Promise<string> => {
  try {
    return await client.whoAmI(context, true);
  } catch (error) {
    if (!(error instanceof CrmError) || /\b(?:Check|signIn\.\w+)\b/.test(error.message))
      throw error;
    if (error.why === "refused")
      throw new CrmError(
        "unreachable",
        "no",
        `What answers at environment is not a Dataverse Web API: ${error.message}. Check environment: the organisation's address, such as https://acme.crm4.dynamics.com`,
      );
    if (error.why !== "unreachable") throw error;
    throw new CrmError(
      "unreachable",
      "no",
      `${error.message}. Check environment, and the way to it`,
      { cause: error.cause, ...(error.afterMs !== undefined && { afterMs: error.afterMs }) },
    );
  }
};

/** What a describe says about a table that activities are written to. Pure. */
export const activityFindings = (
  name: string,
  type: VendorType | undefined,
  settings: Settings,
): readonly Finding[] => {
  const place = name === settings.chatTable && name !== "task" ? "chatTable" : name;
  if (type === undefined)
    return [
      finding(
        "error",
        place,
        `The environment has no table ${name}, or the application user may not see it`,
        place === "chatTable"
          ? "Name an activity table of the environment in the options"
          : "Give the application user's role the privileges of activities; see setup()",
      ),
    ];
  if (!type.isActivity)
    return [
      finding(
        "error",
        place,
        `${name} is not an activity table, so interactions cannot be written to it`,
        'Name a table of the type "Activity" in the options, or leave chatTable out to use tasks',
      ),
    ];
  return [];
};

/** What a describe says about a table whose rows are searched, linked or created. Pure. */
export const linkedFindings = (name: string, type: VendorType | undefined): readonly Finding[] => {
  if (type === undefined)
    return [
      finding(
        "warning",
        name,
        `The environment has no table ${name}, or the application user may not see it: it is not searched`,
        "Give the application user's role Read on it, or leave the table out",
      ),
    ];
  if (type.isActivity || type.hasActivities) return [];
  return [
    finding(
      "error",
      name,
      `The table ${name} is not enabled for activities, so nothing can be linked to its rows`,
      "Tick Activities in the table's settings (Power Apps, Tables, Properties), or leave the table out of searchOrder and creatable",
    ),
  ];
};

/** Which of the wanted privileges the user has not. Pure. */
export const privilegeFindings = (
  wanted: TablePrivileges,
  known: readonly VendorPrivilege[],
  held: ReadonlySet<string>,
): readonly Finding[] => {
  const missing = (rights: readonly string[]): readonly string[] =>
    known
      .filter(({ right, id }) => rights.includes(right) && !held.has(id))
      .map(({ name }) => name);
  const found = (severity: Finding["severity"], names: readonly string[]): readonly Finding[] =>
    names.length === 0
      ? []
      : [
          finding(
            severity,
            wanted.table,
            `The application user lacks ${names.length === 1 ? "the privilege" : "the privileges"} ${names.join(", ")}`,
            `Add ${names.length === 1 ? "it" : "them"} to the user's security role; see setup() of @wrapup/dynamics`,
          ),
        ];
  return [...found("error", missing(wanted.needed)), ...found("warning", missing(wanted.better))];
};

const heldSchema = z.object({
  RolePrivileges: listOf(z.object({ PrivilegeId: z.string() }), 100_000),
});

/** Ids of the privileges that our user has by its roles and teams; `undefined` where it may not look (RetrieveUserPrivileges). */
const heldPrivileges = async (
  client: Client,
  userId: string,
  context: Context,
): Promise<ReadonlySet<string> | undefined> => {
  const path = `${rowAt("systemusers", userId)}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`;
  const reply = await client.ask({ method: "GET", path }, context);
  const found = heldSchema.safeParse(reply.body);
  return reply.status === 200 && found.success
    ? new Set(found.data.RolePrivileges.map(({ PrivilegeId }) => PrivilegeId.toLowerCase()))
    : undefined;
};

type Types = ReadonlyMap<string, VendorType | undefined>;

const checkPrivileges = async (
  { client }: Checked,
  all: readonly TablePrivileges[],
  types: Types,
  userId: string,
  context: Context,
): Promise<readonly Finding[]> => {
  const held = await heldPrivileges(client, userId, context);
  if (held === undefined)
    return [
      finding(
        "warning",
        "privileges",
        "The application user may not read its own privileges, so they are not checked",
        "Compare its security role with setup() of @wrapup/dynamics",
      ),
    ];
  // Activities share their privileges: each is told once.
  const told = new Set<string>();
  return all.flatMap((wanted) => {
    const known = (types.get(wanted.table)?.privileges ?? []).filter(({ id }) => !told.has(id));
    if (wanted.needed.length > 0) for (const { id } of known) told.add(id);
    return privilegeFindings(wanted, known, held);
  });
};

/** Whether the app in which records are to open is there; where that cannot be read, nothing is said. */
const checkApp = async (
  client: Client,
  { appId }: Settings,
  context: Context,
): Promise<readonly Finding[]> => {
  if (appId === undefined) return [];
  const apps = { entitySet: "appmodules", primaryId: "appmoduleid" };
  const path = rowsWhere(apps, ["uniquename"], { where: equalsId("appmoduleid", appId) });
  const reply = await client.ask({ method: "GET", path }, context);
  const found = z.object({ value: z.array(z.unknown()) }).safeParse(reply.body);
  return reply.status !== 200 || !found.success || found.data.value.length > 0
    ? []
    : [
        finding(
          "error",
          "appId",
          "The environment has no model-driven app with this id, or the application user may not see it",
          "Take the id from the address of the app (appid=…), or leave appId out to open the default app",
        ),
      ];
};

/** Signs in and looks what this environment can do. Throws `CrmError` when it cannot say, in one line that names the setting. */
export const checkOrg = async (at: Checked, context: Context): ReturnType<CrmAdapter["check"]> => {
  const { client, describes, settings, directory } = at;
  describes.forget();
  const userId = await signInFirst(client, context);
  const defaults = defaultsOf(settings.chatTable);
  const written = activityTables(settings);
  const privileges = privilegesFor(written, defaults);
  const linked = new Set([
    ...defaults.searchOrder,
    ...defaults.creatable,
    ...Object.keys(settings.alsoRead),
  ]);
  const names = new Set([...written, ...linked, ...privileges.map(({ table }) => table)]);
  const types: Types = new Map(
    await Promise.all(
      [...names].map(async (name) => [name, await describes.of(name, context)] as const),
    ),
  );
  const findings = [
    ...written.flatMap((name) => activityFindings(name, types.get(name), settings)),
    ...[...linked].flatMap((name) => linkedFindings(name, types.get(name))),
    ...(await checkPrivileges(at, privileges, types, userId, context)),
    ...(await checkApp(client, settings, context)),
    ...((await directory?.findings(context)) ?? []),
  ];
  const activities = written.flatMap((name) => types.get(name) ?? []);
  return { abilities: abilitiesOf(settings, client.parallelism(), activities), findings };
};

/** How long Dataverse may still carry out a request whose answer is lost. Not told by Microsoft; its own clients wait two to four minutes. */
const landsWithinMs = 10 * 60_000;

/** Pure: what the environment can do. */
const abilitiesOf = (
  settings: Pick<Settings, "maxBatch" | "maxConcurrent">,
  parallelism: number | undefined,
  activities: readonly VendorType[],
): Abilities => ({
  maxBatch: settings.maxBatch,
  maxConcurrent: Math.min(settings.maxConcurrent, parallelism ?? settings.maxConcurrent),
  linkRules,
  linkRulesOf: linkRulesOf(activities),
  kinds: ["activity"],
  once: "key",
  completedIsFrozen: true,
  landsWithinMs,
});
