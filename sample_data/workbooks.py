"""XLSX files whose bytes depend on their content alone."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl

FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
FIXED_MOMENT = b"2024-01-01T00:00:00Z"


def write_workbook(workbook: openpyxl.Workbook, path: Path) -> None:
    """Save a workbook without the moment of saving and without compression, which differs by zlib."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as saved, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(saved.namelist()):
            content = saved.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", FIXED_MOMENT, content)
            packed.writestr(zipfile.ZipInfo(name, FIRST_ZIP_DATE), content)
