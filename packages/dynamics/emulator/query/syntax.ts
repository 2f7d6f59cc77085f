/** A literal of a filter. `enum`: `Microsoft.Dynamics.CRM.X'Y'`, in metadata filters. */
export type Literal =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "guid"; readonly value: string }
  | { readonly kind: "time"; readonly value: string }
  | { readonly kind: "enum"; readonly value: string }
  | { readonly kind: "null" };

/** What compares two values. */
export type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

/** A filter as a tree. `path`: a property, behind a navigation if it has two parts. */
export type Filter =
  | { readonly kind: "and"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "not"; readonly inner: Filter }
  | {
      readonly kind: "compare";
      readonly path: readonly string[];
      readonly operator: Comparison;
      readonly literal: Literal;
    }
  | {
      readonly kind: "text";
      readonly name: "contains" | "startswith" | "endswith";
      readonly path: readonly string[];
      readonly value: string;
    }
  | {
      readonly kind: "in";
      readonly path: readonly string[];
      readonly values: readonly string[];
      readonly negated: boolean;
    }
  | {
      readonly kind: "any";
      readonly path: readonly string[];
      readonly variable: string;
      readonly inner: Filter;
    };
