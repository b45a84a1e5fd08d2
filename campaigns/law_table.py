"""The law as a table for docs/compliance.md, so that nobody copies it by hand.

`python -c "from campaigns.law_table import write; write()"` brings the page up to date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from campaigns.advice import days_shown
from campaigns.rules import Law, Rule, load_law, show_spans

PAGE = Path(__file__).parent.parent / "docs" / "compliance.md"
_BEGINS, _ENDS = "<!-- law: generated -->", "<!-- law: end -->"
_HEAD = (
    "| | hours | public holidays | attempts on a number | consent to sell | read |\n"
    "|---|---|---|---|---|---|"
)


def law_table(law: Law) -> str:
    """The tables of countries and of states, then notes and sources of each rule."""
    # Those under another's law are told with it.
    rules = (rule for code, rule in law.countries.items() if code == rule.code)
    countries = sorted(rules, key=lambda rule: rule.name)
    parts = [part for rule in countries for part in rule.parts.values()]
    lines = [_HEAD, *(_row(rule) for rule in (*countries, law.elsewhere))]
    lines += ["", "States with rules of their own, which hold besides their country's:", ""]
    lines += [_HEAD, *(_row(part) for part in parts)]
    lines += ["", "### Notes and sources", ""]
    for rule in (*countries, *parts):
        lines.extend(_told(rule))
    return "\n".join(lines)


def shown(page: str, law: Law) -> str:
    """The page, with today's table between its marks. ValueError when it has no marks."""
    before, begins, rest = page.partition(_BEGINS)
    _, ends, after = rest.partition(_ENDS)
    if not begins or not ends:
        raise ValueError(f"no {_BEGINS} … {_ENDS} in {PAGE.name}")
    return f"{before}{_BEGINS}\n{law_table(law)}\n{_ENDS}{after}"


def write() -> None:
    """Bring docs/compliance.md up to date with rules.yaml."""
    PAGE.write_text(shown(PAGE.read_text(encoding="utf-8"), load_law()), encoding="utf-8")


def _row(rule: Rule) -> str:
    name = f"{rule.name} ({', '.join((rule.code, *rule.also))})" if rule.code else rule.name
    holidays = "as any day" if rule.holidays is None else show_spans(rule.holidays)
    consent = "yes" if rule.consent else ""
    read = f"{rule.checked_on}" if rule.verified else "**no**: for a lawyer"
    cells = (
        name,
        days_shown(rule),
        holidays,
        ", ".join(f"{cap.most} within {cap.span}" for cap in rule.caps),
        consent,
        read,
    )
    return f"| {' | '.join(cells)} |"


def _told(rule: Rule) -> Iterator[str]:
    sources = "; ".join(f"[{source.title}]({source.url})" for source in rule.sources)
    yield f"- **{rule.name}** {' '.join(rule.note.split())} {sources}".replace("  ", " ")
