"""Measurements of the engine on a real, durable PostgreSQL: `python -m tests.bench`."""
