"""What the people who run the service see of it: its log, its health, its metrics, and what it tells the system.

Joins the parts.
"""
