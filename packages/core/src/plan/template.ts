/** A piece of a template: text as it stands, or a fact in braces. */
export type TemplatePart = { readonly text: string } | { readonly fact: string };

/** The pieces of a template such as `{interaction.channel} with {customer.name}`. Braces around anything but a name are text. */
export function partsOf(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (const match of template.matchAll(/\{(?<name>[A-Za-z][\w.-]*)\}/gu)) {
    if (match.index > from) parts.push({ text: template.slice(from, match.index) });
    // Whether a fact of that name exists is checkMapping's business; an unknown one has no value.
    parts.push({ fact: match[0].slice(1, -1) });
    from = match.index + match[0].length;
  }
  if (from < template.length) parts.push({ text: template.slice(from) });
  return parts;
}
