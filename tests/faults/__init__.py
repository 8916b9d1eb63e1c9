"""Faults of the matrix by number, each as the whole engine meets it."""
