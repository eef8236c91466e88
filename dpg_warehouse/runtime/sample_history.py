"""The sample registry's past months, loaded by `dpgw backfill` as a person would load them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import WarehouseError
from dpg_warehouse.runtime.steps import Tell
from dpg_warehouse.settings import PROJECT_ROOT, Settings

REGISTRY = "dpg_registry"
SNAPSHOTS = PROJECT_ROOT / "sample_data" / "registry"
_LOADED = text("select count(*) from ops.loads where source_id = :source_id and status = 'accepted'")


def load(settings: Settings, tell: Tell) -> None:
    """Backfill every month but the newest, which is left for the DAG; what is there is passed over."""
    *past, _newest = sorted(path.name.removesuffix(".json") for path in SNAPSHOTS.glob("*.json"))
    command = [sys.executable, "-c", "from dpg_warehouse.cli import main; main()"]
    arguments = ["backfill", REGISTRY, "--from", str(SNAPSHOTS), "--until", past[-1]]
    environment = {**os.environ, "DPGW_HOME": str(settings.home), "NO_COLOR": "1"}
    with log_of(settings).open("ab") as log:
        running = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*command, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )
        while running.poll() is None:
            tell(f"{_loaded_count(settings)} of {len(past)}")
            time.sleep(0.3)
    if running.returncode != 0:
        last = log_of(settings).read_text(encoding="utf-8").strip().splitlines()[-1]
        raise WarehouseError(last)


def log_of(settings: Settings) -> Path:
    """Where the backfill's output goes."""
    return settings.home / "logs" / "backfill.log"


def _loaded_count(settings: Settings) -> int:
    with engine(settings, Role.LOADER).connect() as connection:
        return int(connection.scalar(_LOADED, {"source_id": REGISTRY}))
