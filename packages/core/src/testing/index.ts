export { adapterLawNames, adapterLaws } from "./adapter-laws/index.ts";
export type { AdapterProbe, AdapterUnderLaw } from "./adapter-laws/world.ts";
export type { LawTest } from "./law-book.ts";
export { manualClock } from "./manual-clock.ts";
export type { ManualClock } from "./manual-clock.ts";
export { scriptedCrm, scriptedMapping } from "./scripted-crm.ts";
export type { ScriptedCrm, ScriptedFault, ScriptedRow } from "./scripted-crm.ts";
export { storeLawNames, storeLaws } from "./store-laws.ts";
export type { StoreUnderTest } from "./store-laws.ts";
