"""Renders the list of planted bugs as a page of documentation."""

from __future__ import annotations

from autograd_conformance.mutations import groups, mutations

_HEAD = """# What the kit can see

Written by `autograd-conformance mutate --document docs/mutations.md`; edit the lists in
`conformance/autograd_conformance/mutations/` instead.

Every row is a bug that `autograd-conformance mutate` plants into a running library and that the
cases named beside it must see: {count} in all. A case sees a bug if it fails with it, and only with
it. `|` separates entry, dtype and check; scenarios are named by glob.
"""


def render() -> str:
    """The page, in Markdown."""
    lines = [_HEAD.format(count=len(mutations()))]
    for title, members in groups().items():
        lines.append(f"## {title}: {len(members)}\n")
        lines.append("| bug | what is wrong | planted at | seen by |")
        lines.append("|---|---|---|---|")
        for mutation in members:
            cases = "<br>".join(f"`{case}`".replace("|", "\\|") for case in mutation.cases)
            place = f"`{mutation.plant.place}`"
            lines.append(f"| {mutation.name} | {mutation.what} | {place} | {cases} |")
        lines.append("")
    return "\n".join(lines)
