"""Publisher-specific rules."""
