"""The command line `dpgw`: what a data engineer tries by hand is what the DAGs do."""

from dpg_warehouse.cli.main import main

__all__ = ["main"]
