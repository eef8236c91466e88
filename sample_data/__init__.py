"""The synthetic sample and the generator that made it; see README.md."""
