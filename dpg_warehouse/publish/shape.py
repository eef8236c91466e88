"""Keeps a published table's shape that of its contract, without ever replacing the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Column:
    """A column as the catalogue knows it."""

    name: str
    type: str
    not_null: bool
    comment: str | None


def follow_contract(connection: Connection, stage: str, target: str, mart: str) -> Sequence[str]:
    """Make `target.mart` what `stage.mart` is, in columns, key and comments; return its columns.

    Altering takes a lock that readers wait for, so nothing is altered where nothing differs.
    """
    wanted = _columns(connection, stage, mart)
    if not wanted:
        raise LookupError(f"The build made no table {stage}.{mart}.")
    name = quoted(mart)
    if not _columns(connection, target, mart):
        connection.execute(text(f"create table {target}.{name} (like {stage}.{name} including all)"))
    alterations = _alterations(wanted, _columns(connection, target, mart))
    has_new_key = _key(connection, stage, mart) != _key(connection, target, mart)
    if alterations or has_new_key:
        # The former publish's rows may fit neither; the new ones follow in this transaction.
        connection.execute(text(f"delete from {target}.{name}"))  # noqa: S608 - our own table, quoted
    for statement in alterations:
        connection.execute(text(f"alter table {target}.{name} {statement}"))
    if has_new_key:
        _replace_key(connection, stage, target, mart)
    _copy_comments(connection, stage, target, mart)
    return [column.name for column in wanted]


def forbid_nulls(connection: Connection, stage: str, target: str, mart: str) -> None:
    """NOT NULL where the contract says so: for columns that came before their rows did."""
    present = {column.name: column.not_null for column in _columns(connection, target, mart)}
    for column in _columns(connection, stage, mart):
        if column.not_null and not present[column.name]:
            statement = f"alter column {quoted(column.name)} set not null"
            connection.execute(text(f"alter table {target}.{quoted(mart)} {statement}"))


def _alterations(wanted: Sequence[Column], present: Sequence[Column]) -> list[str]:
    have = {column.name: column for column in present}
    want = {column.name: column for column in wanted}
    statements = [f"drop column {quoted(name)}" for name in have if name not in want]
    for column in wanted:
        name, old = quoted(column.name), have.get(column.name)
        if old is None:
            statements.append(f"add column {name} {column.type}")
            old = Column(column.name, column.type, not_null=False, comment=None)
        elif old.type != column.type:
            statements.append(f"alter column {name} type {column.type} using {name}::text::{column.type}")
        if old.not_null and not column.not_null:
            statements.append(f"alter column {name} drop not null")
    return statements


def _columns(connection: Connection, schema: str, table: str) -> list[Column]:
    rows = connection.execute(
        text("""
            select
                attname,
                format_type(atttypid, atttypmod) as column_type,
                attnotnull,
                col_description(attrelid, attnum) as comment
            from pg_attribute
            where attrelid = to_regclass(format('%I.%I', cast(:schema as text), cast(:table as text)))
                and attnum > 0 and not attisdropped
            order by attnum
        """),
        {"schema": schema, "table": table},
    )
    return [Column(row[0], row[1], row[2], row[3]) for row in rows]


def _key(connection: Connection, schema: str, table: str) -> str | None:
    key: str | None = connection.execute(
        text("""
            select pg_get_constraintdef(oid) from pg_constraint
            where conrelid = to_regclass(format('%I.%I', cast(:schema as text), cast(:table as text)))
                and contype = 'p'
        """),
        {"schema": schema, "table": table},
    ).scalar_one_or_none()
    return key


def _replace_key(connection: Connection, stage: str, target: str, mart: str) -> None:
    table = f"{target}.{quoted(mart)}"
    former: str | None = connection.execute(
        text("select conname from pg_constraint where conrelid = cast(:t as regclass) and contype = 'p'"),
        {"t": table},
    ).scalar_one_or_none()
    if former is not None:
        connection.execute(text(f"alter table {table} drop constraint {quoted(former)}"))
    key = _key(connection, stage, mart)
    if key is not None:
        connection.execute(text(f"alter table {table} add {key}"))


def _copy_comments(connection: Connection, stage: str, target: str, mart: str) -> None:
    have = {column.name: column.comment for column in _columns(connection, target, mart)}
    for column in _columns(connection, stage, mart):
        if column.comment != have.get(column.name):
            _comment(connection, f"column {target}.{quoted(mart)}.{quoted(column.name)}", column.comment)
    about = _table_comment(connection, stage, mart)
    if about != _table_comment(connection, target, mart):
        _comment(connection, f"table {target}.{quoted(mart)}", about)


def _table_comment(connection: Connection, schema: str, table: str) -> str | None:
    comment: str | None = connection.execute(
        text("""
            select obj_description(
                to_regclass(format('%I.%I', cast(:schema as text), cast(:table as text))), 'pg_class'
            )
        """),
        {"schema": schema, "table": table},
    ).scalar_one_or_none()
    return comment


def _comment(connection: Connection, what: str, comment: str | None) -> None:
    """COMMENT takes no parameters, so the server quotes the literal."""
    literal: str = connection.execute(
        text("select quote_nullable(cast(:c as text))"), {"c": comment}
    ).scalar_one()
    connection.execute(text(f"comment on {what} is {literal}".replace(":", "\\:")))


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'
