import { type LawTest, proclaim } from "../law-book.ts";
import { changeLaws } from "./change.ts";
import { pushLaws } from "./push.ts";
import { readLaws } from "./read.ts";
import { type AdapterUnderLaw, entries, quietContext, type World } from "./world.ts";

/** Every law by its name, for a list of what an adapter promises. */
export const adapterLawNames: readonly string[] = [...pushLaws, ...changeLaws, ...readLaws].map(
  ({ name }) => name,
);

/**
 * Runs every law as a test of your own runner: `adapterLaws({ test, open })`.
 * `open` gives an adapter on an empty far side; each law gets its own.
 */
export function adapterLaws(of: {
  readonly test: LawTest;
  readonly open: () => Promise<AdapterUnderLaw>;
}): void {
  const open = async (): Promise<World> => {
    const under = await of.open();
    const close = async (): Promise<void> => {
      await under.adapter.close();
      await under.close();
    };
    return { ...under, context: quietContext(), entry: entries(under), close };
  };
  proclaim([...pushLaws, ...changeLaws, ...readLaws], { test: of.test, open });
}
