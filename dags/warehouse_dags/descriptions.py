"""What each DAG says of itself on Airflow's page."""

from __future__ import annotations

from dpg_warehouse.configuration import Source

INGEST = """\
## {title}
Pulls **{source_id}** ({kind}, published by {publisher}, licence {licence}){waves}

`land` fetches the complete pull and stores it in one transaction: no record with the same content is
stored twice, and personal data that `source.yml` declares never arrive. `validate` runs the source's
Great Expectations suite on that load alone and accepts or rejects it.
An accepted load starts `build_marts`; a pull that brought nothing new ends green with `validate` skipped.

| field of the trigger form | meaning |
|---|---|
| `wave` | one wave; empty for every wave |
| `as_of` | the date (UTC) of the pull; a live server refuses a past one |
| `from` | a file, folder or address instead of the configured location |
| `force` | let other content replace the load that is accepted for this date |

**When `validate` is red**, the load was rejected: it stays for you to read and nothing downstream sees
it. The last line of the task's log gives the reason; `dpgw rejected LOAD` lists each failed rule. Mend
the source or its files in `sources/{source_id}/`, then `dpgw revalidate LOAD`, or run this DAG again.
**When `land` is red**, the source could not be reached after three retries; nothing was stored.
"""

BUILD = """\
## Build and publish the marts
Freezes which loads were accepted, runs dbt into `marts_build`, checks the result (dbt tests and Great
Expectations), and publishes all marts in one transaction. Readers see the old or the new marts, never
half of one.

Starts when an ingest accepts a new load; events that arrive together start one run, and a run whose
loads another build has already published is skipped. Trigger it by hand after a change of a source's
configuration. One build runs at a time.

**When `build` is red**, a check kept it from publishing and the marts are unchanged. The task's log
lists each model and test; `ops.dbt_results` and `ops.validation_results` keep them.
"""

MAINTENANCE = """\
## Keep the installation small and quick
Deletes logs, Great Expectations Data Docs and schemas of builds as of a date that are older than
`keep_days`, and vacuums and analyzes the warehouse's tables. Loads, payloads and verdicts are never deleted.

**When a task is red**, the warehouse still works; the log says which folder or table was the matter.
"""


def ingest_description(source: Source) -> str:
    """The ingest DAG's page for one source."""
    waves = ", ".join(wave.label for wave in source.file.waves)
    return INGEST.format(
        title=source.file.title,
        source_id=source.source_id,
        kind=source.file.kind,
        publisher=source.file.publisher,
        licence=source.file.licence,
        waves=f"; waves: {waves}." if waves else ".",
    )
