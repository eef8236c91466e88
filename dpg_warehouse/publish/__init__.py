"""Publishes a checked build: all marts in stable tables, in one transaction."""

from dpg_warehouse.publish.tables import Published, publish

__all__ = ["Published", "publish"]
