"""The mapping package."""
