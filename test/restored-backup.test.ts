import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWrapup, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { scriptedCrm } from "@wrapup/core/testing";
import { expect, onTestFinished, test } from "vitest";

/** A store as docs/operations.md says to back it up and restore it, and a CRM that stays as it is meanwhile. */
function opening(): {
  readonly crm: ReturnType<typeof scriptedCrm>;
  readonly file: (name: string) => string;
  readonly open: () => Promise<Wrapup>;
} {
  const folder = mkdtempSync(join(tmpdir(), "wrapup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const crm = scriptedCrm();
  crm.addRecord({ ref: { type: "person", id: "p1" }, title: "Somebody", url: "", fields: {} });
  const file = (name: string): string => join(folder, name);
  return {
    crm,
    file,
    open: () =>
      createWrapup({ store: sqliteStore(file("wrapup.db")), connections: { crm: crm.adapter } }),
  };
}

test("W2 W3 what was written after a backup is found again and brought up to date, not made twice", async () => {
  const { crm, file, open } = opening();
  const first = await open();
  const chat = await first.interactions.start({ id: "c-1", channel: "chat" });
  const leg = await chat.accept({ agent: { id: "a-7" } });
  await chat.link({ connection: "crm", type: "person", id: "p1" });
  const source = new DatabaseSync(file("wrapup.db"), { readOnly: true });
  await backup(source, file("backup.db"));
  source.close();
  await leg.unassign({ disposition: "before the disk died" });
  await first.drain();
  await first.close();
  expect(crm.rows.size).toBe(1);

  for (const end of ["", "-wal", "-shm"]) rmSync(file(`wrapup.db${end}`), { force: true });
  copyFileSync(file("backup.db"), file("wrapup.db"));
  const second = await open();
  const again = await second.interactions.get("c-1");
  await again.leg(leg.id).unassign({ disposition: "sent again" });
  await second.drain();
  const [sales] = (await again.explain()).connections;
  await second.close();

  expect(sales?.state).toBe("written");
  expect([...crm.rows.values()].map(({ entry }) => entry.fields["disposition"])).toEqual([
    "sent again",
  ]);
});
