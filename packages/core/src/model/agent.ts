/** The person who handles a leg. `email` is what most CRMs find their user by (W10). */
export type Agent = { readonly id: string; readonly email?: string; readonly name?: string };
