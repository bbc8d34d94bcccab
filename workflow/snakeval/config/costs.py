"""Whether a judge's price, limits and budget can be kept, known before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping

from snakeval.config.errors import Report, as_far_as_right
from snakeval.schema import Judge, Model, Settings


def answer_bound(judge: Judge, model: Model) -> int | None:
    """The longest answer in tokens that the configuration allows, None where it says nothing."""
    asked = {**model.extra_body, **judge.extra_body}.get("max_completion_tokens")
    if isinstance(asked, int):
        return asked
    return judge.sampling.max_tokens or model.sampling.max_tokens or model.max_tokens


@as_far_as_right
def check_costs(
    judges: Mapping[str, Judge], models: Mapping[str, Model], settings: Settings, report: Report
) -> None:
    """Check every judge against its own budget and that of the run; `models` are theirs, by judge."""
    currencies: dict[str, str] = {}
    for name, judge in judges.items():
        if name not in models:
            continue
        file, model = f"config/judges/{name}.yaml", models[name]
        if model.engine == "recorded":
            report.add(file, "model", f"'{model.model}' has only recorded answers, so it can't judge")
        bound, limit = answer_bound(judge, model), judge.rate_limits.tokens_per_minute
        if judge.price is None and (judge.budget or (settings.budget and model.hosted)):
            whose = f"its budget of {judge.budget or settings.budget:g}"
            report.add(
                file, "price", f"is missing: for {whose}, give 'input' and 'output' per million tokens"
            )
        if judge.price and (judge.budget or settings.budget):
            if bound is None and model.engine == "external":
                message = "is missing: a budget is kept by reserving the longest answer, so it must be known"
                report.add(file, "sampling.max_tokens", message)
            currencies.setdefault(judge.price.currency, name)
        if bound and limit and bound >= limit:
            message = f"is {limit:g}, but one answer may take {bound}: raise it or lower sampling.max_tokens"
            report.add(file, "rate_limits.tokens_per_minute", message)
    if settings.budget and len(currencies) > 1:
        said = " and ".join(f"{currency} ('{name}')" for currency, name in currencies.items())
        last = list(currencies.values())[-1]
        report.add(
            f"config/judges/{last}.yaml", "price.currency", f"the run has one budget, but prices in {said}"
        )
