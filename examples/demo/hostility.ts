import type { Crm, Probe } from "./crm.ts";
import { type FastTime, until } from "./fast-clock.ts";

/** Lets a CRM misbehave at its moments. `told` hears each in words. */
export async function misbehave(
  { crm, probe }: { readonly crm: Crm; readonly probe: Probe },
  of: { readonly time: FastTime; readonly begin: number },
  told: (says: string) => void,
): Promise<void> {
  for (const { at, says, begin } of probe.badMoments) {
    await until(of.begin + at, of.time);
    // One bad moment ends when the next begins; otherwise a quiet day would save them all up for its first call.
    await probe.behave();
    await begin();
    told(`${crm.label} ${says}`);
  }
}
