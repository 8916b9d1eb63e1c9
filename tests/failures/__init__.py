"""The failures of docs/failures.md, each as a scenario over a real database."""
