"""Prompt templates, checked for fields that their user can't provide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from snakeval.config.errors import Report, did_you_mean, listed

JUDGE_FIELDS = ("problem", "reference", "guidelines", "answer", "response")
ARENA_FIELDS = ("question", "answer_a", "answer_b")


def check_prompts(
    file: str,
    prompts: Mapping[str, str | None],
    fields: Collection[str] | None,
    root: Path,
    report: Report,
) -> frozenset[str] | None:
    """Check the templates that the keys of `file` name and return the fields they use.

    `fields` are those that can be provided, None if that is not known yet. Returns None if a template
    can't be read, which is noted.
    """
    found = {key: _fields(file, key, path, root, report) for key, path in prompts.items() if path is not None}
    for key, used in found.items():
        if used is None or fields is None:
            continue
        for field in sorted(used.difference(fields)):
            hint = f"{did_you_mean(field, fields)} (fields: {listed(fields)})"
            message = f"'{prompts[key]}' uses '{{{{ {field} }}}}', which is not provided{hint}"
            report.add(file, key, message)
    if None in found.values():
        return None
    return frozenset().union(*filter(None, found.values()))


def _fields(file: str, key: str, path: str, root: Path, report: Report) -> frozenset[str] | None:
    # Imported late: jobs that check no prompts need not wait for Jinja.
    from snakeval.formats.prompts import Prompt, PromptError

    template = root / path
    if not template.is_file():
        siblings = [entry.name for entry in template.parent.iterdir()] if template.parent.is_dir() else []
        report.add(file, key, f"there is no file '{path}'{did_you_mean(template.name, siblings)}")
        return None
    try:
        prompt = Prompt(template)
        if not prompt.is_whole:
            report.add(file, key, f"'{path}' includes, imports or extends another file: a prompt is one")
        return prompt.fields
    except PromptError as error:
        report.add(file, key, str(error).replace(str(template), f"'{path}'"))
        return None
