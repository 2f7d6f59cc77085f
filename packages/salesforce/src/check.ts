import type { Abilities, Context, CrmAdapter, Finding } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import type { Client } from "./client.ts";
import { mostRecords } from "./batch.ts";
import { shapeOf } from "./describe.ts";
import type { Describes, Shape, VendorType } from "./describe.ts";
import { crmErrorOf, verdictOf } from "./errors.ts";
import { listOf } from "./http.ts";
import { errorsIn } from "./vendor-error.ts";
import { defaultsOf, linkRules } from "./mapping.ts";
import { usageOf } from "./headers.ts";
import type { Settings } from "./options.ts";
import { serverLimitMs } from "./waiting.ts";

const versionsSchema = listOf(z.object({ version: z.string() }), 1_000);
const limitsSchema = z.object({
  DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }),
});

const finding = (
  severity: Finding["severity"],
  place: string,
  text: string,
  mend: string,
): Finding => ({ severity, place, text, mend });

const checkVersion = async (
  client: Client,
  settings: Settings,
  context: Context,
): Promise<readonly Finding[]> => {
  const parsed = versionsSchema.safeParse(
    await client.send({ method: "GET", path: "/services/data" }, context),
  );
  const known = parsed.success ? parsed.data.map((one) => one.version) : [];
  if (known.length === 0 || known.includes(settings.apiVersion)) return [];
  return [
    finding(
      "error",
      "apiVersion",
      `The org does not know API version ${settings.apiVersion}`,
      `Use one that it knows; its newest is ${known.at(-1) ?? "unknown"}`,
    ),
  ];
};

/** A tenth of the day's calls left is the time to look why. */
const lowShare = 0.1;

const checkLimits = async (client: Client, context: Context): Promise<readonly Finding[]> => {
  const reply = await client.ask({ method: "GET", path: "/limits" }, context);
  // Reading limits may be refused to a plain integration user; an API that is switched off shows here first.
  if (errorsIn(reply.body).some((error) => verdictOf(error).does === "retry"))
    throw crmErrorOf(reply);
  const parsed = limitsSchema.safeParse(reply.body);
  if (!parsed.success) return [];
  const { Max, Remaining } = parsed.data.DailyApiRequests;
  const usage = usageOf(Max - Remaining, Max);
  if (usage !== undefined) context.observe({ usage });
  return Remaining >= Max * lowShare
    ? []
    : [
        finding(
          "warning",
          "limits",
          `Only ${Remaining} of the org's ${Max} API calls of today are left`,
          "See which integrations use them, or buy more",
        ),
      ];
};

/** What a describe of Task says about the key field (W2). Pure. */
export const keyFindings = (
  task: VendorType,
  shape: Shape,
  settings: Settings,
): readonly Finding[] => {
  const place = `Task.${settings.keyField}`;
  const key = task.fields.find((field) => field.name === settings.keyField);
  const mend = "See setup() of @wrapup/salesforce for the field's metadata";
  if (shape.once === "never")
    return [
      finding(
        "error",
        place,
        "Neither the key field nor CallObject can be written, so nothing is written",
        mend,
      ),
    ];
  if (key === undefined)
    return [
      finding(
        "warning",
        place,
        "The org has no key field, or the integration user may not see it: writing is degraded. CallObject keeps the key, and an attempt without an answer waits ten minutes",
        mend,
      ),
    ];
  if (shape.once !== "key")
    return [
      finding(
        "warning",
        place,
        "The key field is not an External ID that the integration user may write: writing is degraded",
        mend,
      ),
    ];
  return [
    ...(key.unique
      ? []
      : [
          finding(
            "warning",
            place,
            "The key field is not unique: two workers at once could make two activities",
            "Tick Unique, case-sensitive",
          ),
        ]),
    ...(key.unique && !key.caseSensitive
      ? [
          finding(
            "warning",
            place,
            "The key field does not tell upper from lower case",
            "Tick case-sensitive",
          ),
        ]
      : []),
  ];
};

/** What a describe of Task says about rights and statuses. Pure. */
export const taskFindings = (task: VendorType, settings: Settings): readonly Finding[] => {
  const statuses =
    task.fields
      .find((field) => field.name === "Status")
      ?.picklistValues.filter((one) => one.active)
      .map((one) => one.value) ?? [];
  const missing =
    statuses.length === 0
      ? []
      : Object.entries(settings.statuses).filter(([, value]) => !statuses.includes(value));
  return [
    ...(task.createable && task.updateable
      ? []
      : [
          finding(
            "error",
            "Task",
            "The integration user may not create and edit tasks",
            "Give it the permission Edit Tasks",
          ),
        ]),
    ...(task.deletable
      ? []
      : [
          finding(
            "warning",
            "Task",
            "The integration user may not delete tasks, so what is unlinked is kept without links",
            "Allow it to delete its own tasks, or accept it",
          ),
        ]),
    ...missing.map(([name, value]) =>
      finding(
        "error",
        `statuses.${name}`,
        `The org's tasks have no status "${value}"`,
        "Name one of the org's own statuses in the options",
      ),
    ),
  ];
};

const checkTypes = async (
  describes: Describes,
  settings: Settings,
  context: Context,
): Promise<readonly Finding[]> => {
  const { searchOrder, creatable } = defaultsOf(settings.interactionField);
  const findings: Finding[] = [];
  for (const name of new Set([...searchOrder, ...creatable])) {
    const type = await describes.of(name, context);
    if (type === undefined)
      findings.push(
        finding(
          "warning",
          name,
          `The integration user may not see ${name}: it is not searched`,
          "Give it read access, or leave the type out",
        ),
      );
    else if (creatable.includes(name) && !type.createable)
      findings.push(
        finding(
          "warning",
          name,
          `The integration user may not create ${name}`,
          "Give it create access, or leave the type out of creatable",
        ),
      );
  }
  return findings;
};

/** Signs in and looks what this org can do. Throws `CrmError` when it cannot say. */
export const checkOrg = async (
  client: Client,
  describes: Describes,
  settings: Settings,
  context: Context,
): ReturnType<CrmAdapter["check"]> => {
  describes.forget();
  const findings = [...(await checkVersion(client, settings, context))];
  if (findings.some(({ severity }) => severity === "error"))
    throw new CrmError("schema", "no", `${findings[0]?.text ?? ""}. ${findings[0]?.mend ?? ""}`);
  findings.push(...(await checkLimits(client, context)));
  const task = await describes.of("Task", context);
  const shape = task === undefined ? undefined : shapeOf(task, settings);
  if (task === undefined || shape === undefined)
    findings.push(
      finding("error", "Task", "The integration user may not see tasks", "Give it access to tasks"),
    );
  else findings.push(...keyFindings(task, shape, settings), ...taskFindings(task, settings));
  findings.push(...(await checkTypes(describes, settings, context)));
  return { abilities: abilitiesOf(shape, settings), findings };
};

/** Pure: what the org can do. */
const abilitiesOf = (shape: Shape | undefined, settings: Settings): Abilities => ({
  maxBatch: mostRecords,
  maxConcurrent: settings.maxConcurrent,
  linkRules,
  kinds: ["activity"],
  once: shape?.once === "key" ? "key" : "lookFirst",
  completedIsFrozen: false,
  landsWithinMs: serverLimitMs,
});
