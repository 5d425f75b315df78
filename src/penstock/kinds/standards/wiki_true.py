"""WikiTrue: the project wiki says what is so."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.core.standard import Finding, NotApplicable, ProjectFacts, Standard


class WikiTrue(Standard):
    """No article of the generated project wiki is out of date, lacks a part, or was changed where it writes itself,
    and no link of any article leads nowhere.

    Example:
        type: wiki_true
        severity: HIGH
    """

    def findings(self, facts: ProjectFacts) -> Iterable[Finding] | NotApplicable:
        if facts.untrue is None:
            return NotApplicable("The project wiki was never generated.")
        return [Finding(text=f"Article {name}: {why}.") for name, why in facts.untrue.items()]
