"""Writes the synthetic sample: `python -m sample_data.generate [--out DIR]`.

The same bytes on every run; a test holds the committed files against a fresh run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from dpg_warehouse.configuration import read_sources
from sample_data.exports import write_delimited, write_xlsx
from sample_data.form import write_xlsform
from sample_data.kobo_bodies import write_bodies
from sample_data.registry_snapshots import write_snapshots
from sample_data.respondents import make_respondents

HERE = Path(__file__).resolve().parent


def write_sample(out: Path) -> None:
    """Write every file of the sample below `out`."""
    for folder in ("dpg_owners_survey", "kobotoolbox", "registry"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    survey = read_sources([HERE.parent / "sources"])["dpg_owners_survey"]
    plans = yaml.safe_load((HERE / "dpg_owners_survey" / "plan.yml").read_text(encoding="utf-8"))
    waves = {wave_id: make_respondents(survey, wave_id, plan) for wave_id, plan in plans.items()}
    write_delimited(survey, "2022", waves["2022"], out / "dpg_owners_survey" / "wave_2022.csv")
    write_xlsx(survey, "2023", waves["2023"], out / "dpg_owners_survey" / "wave_2023.xlsx")
    write_xlsform(survey, "2024", out / "questionnaire.xlsx")
    write_bodies(survey, "2024", waves["2024"], out / "kobotoolbox")
    write_snapshots(out / "registry")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="the folder to write to (this one)")
    write_sample(parser.parse_args().out)


if __name__ == "__main__":
    main()
