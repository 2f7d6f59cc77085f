/** The test function of whatever runner is at hand: vitest's `test`, node:test's, jest's. */
export type LawTest = (name: string, run: () => Promise<void>) => unknown;

/** One sentence that must hold for every subject, and a check that throws an `AssertionError` when it does not. */
export type Law<Subject> = {
  /** Begins with the spec's item, such as `W3`. */
  readonly name: string;
  readonly run: (subject: Subject) => Promise<void>;
};

/** Gives every law a fresh subject, in a test of its own; the subject is put away also when the law is broken. */
export function proclaim<Subject extends { readonly close: () => Promise<void> }>(
  laws: readonly Law<Subject>[],
  { test, open }: { readonly test: LawTest; readonly open: () => Promise<Subject> },
): void {
  for (const { name, run } of laws)
    test(name, async () => {
      const subject = await open();
      try {
        await run(subject);
      } finally {
        await subject.close();
      }
    });
}
