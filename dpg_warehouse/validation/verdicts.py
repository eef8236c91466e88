"""Stores verdicts in ops.validation_results and says them in a sentence."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, text

from dpg_warehouse.records import RuleResult, Verdict

_INSERT = text("""
    insert into ops.validation_results (
        load_id, build_id, suite, suite_hash, asset, rule, expectation, severity, success, column_name,
        evaluated_count, unexpected_count, observed, example_keys, description
    ) values (
        :load_id, :build_id, :suite, :suite_hash, :asset, :rule, :expectation, :severity, :success, :column,
        :evaluated_count, :unexpected_count, :observed, :example_keys, :description
    )
""")


def record_verdict(
    connection: Connection, verdict: Verdict, load_id: int | None = None, build_id: int | None = None
) -> None:
    """Append the verdict; the rows of an earlier one of the same load stay, no longer the latest."""
    key = {"load_id": load_id, "build_id": build_id}
    connection.execute(
        text("""
            update ops.validation_results set is_latest = false
            where is_latest and (load_id = :load_id or build_id = :build_id)
        """),
        key,
    )
    suite = {"suite": verdict.suite, "suite_hash": verdict.suite_hash}
    rows = [key | suite | _row(result) for result in verdict.results]
    connection.execute(_INSERT, rows)


def _row(result: RuleResult) -> dict[str, object]:
    return asdict(result) | {"example_keys": list(result.example_keys)}


def sentence(verdict: Verdict) -> str:
    """Why the verdict rejects, in one line for people: the first rules that failed, with examples."""
    parts = [_failure(result) for result in verdict.failures[:3]]
    more = len(verdict.failures) - len(parts)
    return " ".join(parts) + (f" And {more} more rules failed." if more else "")


def _failure(result: RuleResult) -> str:
    examples = ", ".join(result.example_keys)
    return f"{result.description} [{result.rule}{': ' + examples if examples else ''}]"
