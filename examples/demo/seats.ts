import { seatsInDynamics } from "./dynamics/seats.ts";
import { seatsInSalesforce } from "./salesforce/seats.ts";
import type { SeatRule } from "./seat.ts";
import type { CrmName } from "./story.ts";

/** What the proof believes of each CRM, said from the CRM's rule alone (K4). */
export const seatRules: Readonly<Record<CrmName, SeatRule>> = {
  salesforce: seatsInSalesforce,
  dynamics: seatsInDynamics,
};
