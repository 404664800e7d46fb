"""Selects, among everything that may have changed, what is reported.

Computes only.
"""
