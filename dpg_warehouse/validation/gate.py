"""Gate 1 looks at one load alone, gate 2 at the marts of one build."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Engine, ScalarResult, text

from dpg_warehouse.configuration import Source
from dpg_warehouse.records import Load, RuleResult, Verdict
from dpg_warehouse.settings import Settings
from dpg_warehouse.validation.expectations import Projection, run_rules
from dpg_warehouse.validation.suites import EXPECTATIONS, Asset, Rule, Suite, read_suite, suite_folder

EXAMPLES = 5


def validate_load(settings: Settings, engine: Engine, source: Source, load: Load) -> Verdict:
    """What the source's suite says of this load; nothing is written but Data Docs."""
    suite = read_suite(suite_folder(source.source_id, source.file.kind))
    return _verdict(settings, engine, suite, f"{source.source_id}/{load.load_id}", load_id=load.load_id)


def validate_build(settings: Settings, engine: Engine, build_id: int) -> Verdict:
    """What the suite of the marts says of this build; nothing is written but Data Docs."""
    suite = read_suite(EXPECTATIONS / "marts")
    return _verdict(settings, engine, suite, f"marts/{build_id}", build_id=build_id)


def _verdict(settings: Settings, engine: Engine, suite: Suite, docs: str, **numbers: int) -> Verdict:
    with engine.connect() as connection:
        projections = [project(connection, suite, asset, **numbers) for asset in suite.assets]
    url = engine.url.render_as_string(hide_password=False)
    results = run_rules(suite, projections, url, settings.home / "data_docs" / docs)
    rules = [(projection, rule) for projection in projections for rule in projection.asset.rules]
    with engine.connect() as connection:
        with_examples = [
            result if result.success else _with_examples(connection, projection, rule, result)
            for (projection, rule), result in zip(rules, results, strict=True)
        ]
    return Verdict(suite.suite, suite.suite_hash, tuple(with_examples))


def project(connection: Connection, suite: Suite, asset: Asset, **numbers: int) -> Projection:
    """The asset with the SQL that it looks at, of each table where it looks at several."""
    if asset.each is None:
        return Projection(asset, suite.query(asset, **numbers))
    tables: ScalarResult[str] = connection.execute(text(suite.queries[asset.each])).scalars()
    return Projection(asset, suite.query_of_each(asset, sorted(tables), **numbers))


def _with_examples(
    connection: Connection, projection: Projection, rule: Rule, result: RuleResult
) -> RuleResult:
    """Fetch what names the failing rows; the suite's author sees to it that this is never an answer."""
    if not rule.failing:
        return result
    example = rule.example or projection.asset.example
    # The suite's SQL is part of the program, as a model's is; no value from outside enters it.
    statement = f"""
        select distinct ({example})::text as example
        from ({projection.query}) as projection
        where {rule.failing}
        order by 1
        limit {EXAMPLES}
    """  # noqa: S608
    names: ScalarResult[str | None] = connection.execute(text(statement.replace(":", "\\:"))).scalars()
    return replace(result, example_keys=tuple(name for name in names if name is not None))
