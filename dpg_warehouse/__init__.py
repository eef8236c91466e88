"""DPG Trends Warehouse: survey waves and registry snapshots become trends that can be trusted."""

__version__ = "0.1.0"
