"""Runs a suite's rules through Great Expectations, and keeps failing values out of what it returns."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpg_warehouse.records import RuleResult, WarehouseError
from dpg_warehouse.validation.data_docs import stand_alone
from dpg_warehouse.validation.suites import Asset, Rule, Suite

# Counts alone: every richer format puts failing values into results and Data Docs.
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
SITE = "data_docs"


@dataclass(frozen=True)
class Projection:
    """One asset of a suite with the SQL that it looks at."""

    asset: Asset
    query: str


def run_rules(
    suite: Suite, projections: list[Projection], connection_url: str, docs: Path
) -> list[RuleResult]:
    """Run every rule and write Data Docs to the folder `docs`; results in the suite's order."""
    context = _quiet_context()
    database = context.data_sources.add_postgres(
        suite.suite, connection_string=connection_url, create_temp_table=False
    )
    definitions = []
    for projection in projections:
        # Great Expectations takes a query that begins with SELECT, so a WITH goes inside one.
        query = f"select * from (\n{projection.query}\n) as projection"  # noqa: S608 - a suite's own SQL
        batch = database.add_query_asset(projection.asset.asset, query=query)
        definition = _definition(context, suite, projection.asset, batch)
        definitions.append(definition)
    outcome = _checkpoint(context, suite, definitions).run()
    _write_docs(context, docs)
    by_rule = {
        (asset_name, result.expectation_config.meta["rule"]): result
        for asset_name, results in _by_asset(outcome)
        for result in results
    }
    return [
        _rule_result(projection.asset, rule, by_rule[(projection.asset.asset, rule.rule)])
        for projection in projections
        for rule in projection.asset.rules
    ]


def _quiet_context() -> Any:
    """A context of its own for each run: runs that share one through files fail at random."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # Some of its modules set a level of their own, and say at INFO what nobody asked for.
    for name in [n for n in logging.root.manager.loggerDict if n.startswith("great_expectations")]:
        logging.getLogger(name).setLevel(logging.WARNING)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _definition(context: Any, suite: Suite, asset: Asset, batch: Any) -> Any:
    import great_expectations as gx

    name = f"{suite.suite}.{asset.asset}"
    built = context.suites.add(
        gx.ExpectationSuite(
            name=name,
            expectations=[
                {
                    "type": rule.expectation,
                    "kwargs": rule.kwargs,
                    "meta": {"rule": rule.rule, "severity": rule.severity, "notes": rule.says},
                }
                for rule in asset.rules
            ],
        )
    )
    if len(built.expectations) != len(asset.rules):
        # Great Expectations drops an expectation of an unknown type and carries on.
        kept = {(expectation.meta or {}).get("rule") for expectation in built.expectations}
        lost = ", ".join(rule.rule for rule in asset.rules if rule.rule not in kept)
        raise WarehouseError(f"Suite {name} lost rules, since their expectation is unknown: {lost}.")
    batch_definition = batch.add_batch_definition_whole_table("all")
    return context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch_definition, suite=built)
    )


def _checkpoint(context: Any, suite: Suite, definitions: list[Any]) -> Any:
    import great_expectations as gx

    return context.checkpoints.add(
        gx.Checkpoint(
            name=suite.suite, validation_definitions=definitions, result_format=RESULT_FORMAT, actions=[]
        )
    )


def _by_asset(outcome: Any) -> list[tuple[str, list[Any]]]:
    return [(result.asset_name, result.results) for result in outcome.run_results.values()]


def _rule_result(asset: Asset, rule: Rule, result: Any) -> RuleResult:
    error = result.exception_info
    if isinstance(error, dict) and error.get("exception_message"):
        raise WarehouseError(f"Rule {rule.rule} could not be checked: {error['exception_message']}")
    if isinstance(error, dict) and not result.result and not result.success:
        raise WarehouseError(f"Rule {rule.rule} could not be checked; try its query in psql.")
    observed = result.result.get("observed_value")
    return RuleResult(
        rule=rule.rule,
        asset=asset.asset,
        expectation=rule.expectation,
        severity=rule.severity,
        success=bool(result.success),
        column=rule.kwargs.get("column") or rule.kwargs.get("column_A"),
        evaluated_count=result.result.get("element_count"),
        unexpected_count=result.result.get("unexpected_count"),
        observed=float(observed) if isinstance(observed, int | float) else None,
        description=rule.says,
    )


def _write_docs(context: Any, docs: Path) -> None:
    """Data Docs of this run alone; the pictures and fonts, 4 MB, are shared by all runs."""
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs),
            },
        },
    )
    shutil.rmtree(docs, ignore_errors=True)
    context.build_data_docs(site_names=[SITE])
    stand_alone(docs)
    _share_static(docs)


def _share_static(docs: Path) -> None:
    own, shared = docs / "static", docs.parent.parent / "static"
    if own.is_symlink() or not own.is_dir():
        return
    try:
        own.rename(shared)
    except OSError:
        # Another run, perhaps at this moment, has put the same files there.
        shutil.rmtree(own)
    own.symlink_to(os.path.relpath(shared, docs), target_is_directory=True)
