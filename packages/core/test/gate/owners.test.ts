import { type Agent, CrmError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../src/gate/connection.ts";
import { type ConnectionWorld, openConnection } from "./gate-world.ts";

const ada: Agent = { id: "ada", email: "ada@classics.example" };
const bob: Agent = { id: "bob" };
const stranger: Agent = { id: "stranger" };

type Counted = ConnectionWorld & { readonly asked: (readonly string[])[] };

/** A CRM with users for Ada and Bob that writes down who was asked for. */
async function openUsers(settings: Parameters<typeof openConnection>[0] = {}): Promise<Counted> {
  const world = await openConnection(settings);
  world.crm.users.set("ada", "user-ada").set("bob", "user-bob");
  const asked: (readonly string[])[] = [];
  const { adapter } = world.crm;
  const usersOf = adapter.usersOf?.bind(adapter);
  Object.assign(adapter, {
    usersOf: (...call: Parameters<NonNullable<typeof usersOf>>) => {
      asked.push(call[0].map(({ id }) => id));
      return usersOf?.(...call);
    },
  });
  return { ...world, asked };
}

const ownerOf = async ({ owners }: Connection, agent: Agent): Promise<string | undefined> => {
  await owners.learn([agent]);
  return owners.ownerOf(agent).owner;
};

describe("W10 whose activity it is", () => {
  test("W10 agents are looked up together, and each gets their own user", async () => {
    const { connection, asked } = await openUsers();
    await connection.owners.learn([ada, bob, ada]);
    expect(asked).toEqual([["ada", "bob"]]);
    expect(connection.owners.ownerOf(ada)).toEqual({ owner: "user-ada", fallback: false });
    expect(connection.owners.ownerOf(bob)).toEqual({ owner: "user-bob", fallback: false });
  });

  test("W10 whoever was found, or not found, is remembered for an hour and then asked for again", async () => {
    const { connection, asked, clock, crm } = await openUsers();
    await connection.owners.learn([ada, stranger]);
    await clock.advance(3_600_000);
    await connection.owners.learn([ada, stranger]);
    expect(asked).toHaveLength(1);
    crm.users.set("ada", "user-of-a-new-name");
    await clock.advance(1);
    expect(await ownerOf(connection, ada)).toBe("user-of-a-new-name");
    expect(asked).toEqual([["ada", "stranger"], ["ada"]]);
  });

  test("W10 the same agent with another email is somebody to look up", async () => {
    const { connection, asked } = await openUsers();
    await connection.owners.learn([ada]);
    await connection.owners.learn([{ ...ada, email: "ada@new.example" }]);
    expect(asked).toHaveLength(2);
  });

  test("W10 the administrator's own function is used instead of the CRM; one that throws means the fallback", async () => {
    const { connection, asked } = await openUsers({
      ownerFallback: "user-team",
      ownerOf: ({ id }) => {
        if (id === "bob") throw new Error("a defect of the app");
        return id === "ada" ? "user-of-the-app" : undefined;
      },
    });
    expect(await ownerOf(connection, ada)).toBe("user-of-the-app");
    expect(await ownerOf(connection, bob)).toBe("user-team");
    expect(await ownerOf(connection, stranger)).toBe("user-team");
    expect(asked).toEqual([]);
  });

  test("W10 without a user: the fallback where there is one, and it is said", async () => {
    const { connection, restarted } = await openUsers();
    await connection.owners.learn([stranger]);
    expect(connection.owners.ownerOf(stranger)).toEqual({ fallback: true });
    const other = restarted({ ownerFallback: "user-team" });
    expect(other.owners.ownerOf(undefined)).toEqual({ owner: "user-team", fallback: true });
  });

  test("W10 an adapter without users knows nobody", async () => {
    const { connection, crm } = await openUsers({ ownerFallback: "user-team" });
    Reflect.deleteProperty(crm.adapter, "usersOf");
    expect(await ownerOf(connection, ada)).toBe("user-team");
  });

  test("W10 a CRM that does not answer is not taken for one that knows nobody", async () => {
    const { connection, crm } = await openUsers();
    const { adapter } = crm;
    const usersOf = adapter.usersOf?.bind(adapter);
    const away = new CrmError("unreachable", "no", "away");
    Object.assign(adapter, { usersOf: () => Promise.reject(away) });
    await expect(connection.owners.learn([ada])).rejects.toBe(away);
    Object.assign(adapter, { usersOf });
    expect(await ownerOf(connection, ada)).toBe("user-ada");
  });
});
