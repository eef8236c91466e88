"""The states of a load: who may move from which to which, each move one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, Engine, RowMapping, text

from dpg_warehouse import __version__
from dpg_warehouse.records import FaultKind, Load, LoadStatus, PullRequest, UsageError

# The first key of the advisory locks by which a running load shows that its process lives.
LOAD_LOCK = 0x44504C44
# The first key of the locks that let one transaction at a time change what is accepted of a source.
SOURCE_LOCK = 0x44505352
# The first key of the locks that keep a respondent from being forgotten while a load is judged.
JUDGING_LOCK = 0x44504A44
# The first key of the locks under which one process at a time judges a load.
JUDGEMENT_LOCK = 0x4450474A

NOT_ABOUT_RECORDS = [kind.value for kind in FaultKind if not kind.is_about_record]

LOAD_COLUMNS = """load_id, source_id, feed, wave_id, as_of, status, reason, expected_count, received_count,
    tolerated_count, new_payload_count, forgotten_count, later_refusal, started_at, finished_at"""


@contextmanager
def landing_session(engine: Engine) -> Iterator[Connection]:
    """A connection on which several short transactions follow one another.

    The load's lock belongs to it, so that a killed process frees its load at once.
    """
    with engine.connect() as connection:
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock_all()"))
            connection.commit()


def open_load(
    connection: Connection,
    request: PullRequest,
    config_hash: str,
    landed_fields: Sequence[str] | None = None,
) -> int:
    """Write the load's row before anything is fetched, and end loads whose process died.

    `landed_fields` are the fields of a survey that the configuration lets land.
    """
    with connection.begin():
        _end_interrupted(connection, request)
        load_id: int = connection.execute(
            text("""
                insert into ops.loads (
                    source_id, wave_id, as_of, status, config_hash, code_version,
                    landed_fields, mapped_fields
                ) values (
                    :source_id, :wave_id, :as_of, 'opened', :config_hash, :code_version,
                    :landed_fields, :landed_fields
                ) returning load_id
            """),
            {
                "source_id": request.source_id,
                "wave_id": request.wave_id,
                "as_of": request.as_of,
                "config_hash": config_hash,
                "code_version": __version__,
                "landed_fields": None if landed_fields is None else list(landed_fields),
            },
        ).scalar_one()
        connection.execute(
            text("select pg_advisory_lock(:space, :load_id)"), {"space": LOAD_LOCK, "load_id": load_id}
        )
    return load_id


def _end_interrupted(connection: Connection, request: PullRequest) -> None:
    """Loads that are still `opened` although nobody holds their lock were interrupted."""
    connection.execute(
        text("""
            update ops.loads set status = 'failed', finished_at = now(),
                reason = 'The process that pulled it ended before the pull was complete.'
            where source_id = :source_id and wave_id is not distinct from :wave_id
                and status = 'opened'
                and not exists (
                    select 1 from pg_locks
                    where locktype = 'advisory' and objsubid = 2
                        and database = (select oid from pg_database where datname = current_database())
                        and classid = :space and objid = ops.loads.load_id
                )
        """),
        {"source_id": request.source_id, "wave_id": request.wave_id, "space": LOAD_LOCK},
    )


def fail(connection: Connection, load_id: int, reason: str) -> None:
    """The source couldn't be reached or broke off: the load is `failed`."""
    with connection.begin():
        _move(connection, load_id, LoadStatus.FAILED, reason)


def discard(connection: Connection, load_id: int) -> None:
    """What was asked for cannot be pulled, so there is no load to speak of."""
    with connection.begin():
        connection.execute(text("delete from ops.loads where load_id = :load_id"), {"load_id": load_id})


def reject(connection: Connection, load_id: int, reason: str) -> None:
    """Gate 1 refused the load; it stays readable and is invisible to every build."""
    _move(connection, load_id, LoadStatus.REJECTED, reason)


def decide(connection: Connection, load: Load, refusal: str | None, force: bool) -> Load:
    """Accept the load, or reject it for `refusal`; with `force` it supersedes another one of its date.

    Decisions on a source follow one another. Whoever comes late finds the load decided, by another
    process or a person, and leaves it so; `newly_accepted` is true for the one who accepted it.
    """
    lock_source(connection, load.source_id)
    present = find_load(connection, load.load_id)
    undecided = {LoadStatus.LANDED, LoadStatus.REJECTED, LoadStatus.HELD}
    if force:
        undecided.add(LoadStatus.WITHDRAWN)
    if present.status not in undecided:
        return present
    if refusal is None:
        other = _accept(connection, load, force)
        refusal = None if other is None else _in_the_way(load, other)
    if refusal is not None:
        reject(connection, load.load_id, refusal)
    decided = find_load(connection, load.load_id)
    return replace(decided, newly_accepted=decided.status is LoadStatus.ACCEPTED)


def _in_the_way(load: Load, other: int) -> str:
    return (
        f"Load {other} with other content is already accepted for {load.as_of}; "
        "pull again with --force to let this one take its place."
    )


def _accept(connection: Connection, load: Load, force: bool) -> int | None:
    """Accept the load, or return the id of one that stands in its way and change nothing."""
    other = connection.execute(
        text("""
            select load_id from ops.loads
            where status = 'accepted' and load_id <> :load_id and source_id = :source_id
                and feed = :feed and wave_id is not distinct from :wave_id and as_of = :as_of
        """),
        vars_of(load),
    ).scalar_one_or_none()
    if other is not None and not force:
        return int(other)
    if other is not None:
        _move(connection, other, LoadStatus.SUPERSEDED, f"Load {load.load_id} took its place.")
    connection.execute(
        text("""
            update ops.loads set status = 'accepted', reason = null, finished_at = now(),
                supersedes_load_id = :other, later_refusal = null,
                tolerated_count = (
                    select count(*) from landing.faults
                    where faults.source_id = loads.source_id and faults.load_id = loads.load_id
                        and kind <> all(:not_about_records)
                )
            where load_id = :load_id
        """),
        {
            "load_id": load.load_id,
            "other": other,
            "not_about_records": NOT_ABOUT_RECORDS,
        },
    )
    return None


def withdraw(connection: Connection, load_id: int, reason: str) -> None:
    """Take an accepted load back: the next build goes without it."""
    lock_source(connection, find_load(connection, load_id).source_id)
    load = find_load(connection, load_id)
    if load.status is not LoadStatus.ACCEPTED:
        raise UsageError(f"Load {load_id} is {load.status}; only an accepted load can be withdrawn.")
    _move(connection, load_id, LoadStatus.WITHDRAWN, reason)


def find_load(connection: Connection, load_id: int) -> Load:
    """The load of that number; raise UsageError where there is none."""
    row = connection.execute(
        text(f"select {LOAD_COLUMNS} from ops.loads where load_id = :load_id"),  # noqa: S608 - own constant
        {"load_id": load_id},
    ).mappings()
    found = row.one_or_none()
    if found is None:
        raise UsageError(f"There is no load {load_id}; `dpgw status` lists the last ones.")
    return load_of(found)


def load_of(row: RowMapping) -> Load:
    """A row of ops.loads as a value."""
    names = [name.strip() for name in LOAD_COLUMNS.split(",")]
    return Load(**{name: row[name] for name in names} | {"status": LoadStatus(row["status"])})


def lock_source(connection: Connection, source_id: str) -> None:
    """Until the transaction ends, nobody else lands or decides on a load of this source."""
    connection.execute(
        text("select pg_advisory_xact_lock(:space, hashtext(:source_id))"),
        {"space": SOURCE_LOCK, "source_id": source_id},
    )


@contextmanager
def judging(engine: Engine, load: Load) -> Iterator[None]:
    """One judgement of a load at a time, and nobody of its source is forgotten meanwhile.

    Gate 1 goes by the configuration that the load's row names, and its verdict names keys and is written
    after the look. The locks end with the connection, so a killed process lets go of them.
    """
    with engine.begin() as connection:
        connection.execute(
            text("select pg_advisory_xact_lock_shared(:space, hashtext(:source_id))"),
            {"space": JUDGING_LOCK, "source_id": load.source_id},
        )
        connection.execute(
            text("select pg_advisory_xact_lock(:space, :load_id)"),
            {"space": JUDGEMENT_LOCK, "load_id": load.load_id},
        )
        yield


def lock_against_judging(connection: Connection, source_id: str) -> None:
    """Wait until no load of the source is judged; until the transaction ends, none will be."""
    connection.execute(
        text("select pg_advisory_xact_lock(:space, hashtext(:source_id))"),
        {"space": JUDGING_LOCK, "source_id": source_id},
    )


def vars_of(load: Load) -> dict[str, int | str | date | None]:
    """The load's identity as parameters of a statement."""
    return {
        "load_id": load.load_id,
        "source_id": load.source_id,
        "feed": load.feed,
        "wave_id": load.wave_id,
        "as_of": load.as_of,
    }


def _move(connection: Connection, load_id: int, status: LoadStatus, reason: str) -> None:
    connection.execute(
        text("""
            update ops.loads set status = :status, reason = :reason, finished_at = now()
            where load_id = :load_id
        """),
        {"load_id": load_id, "status": status.value, "reason": reason},
    )
