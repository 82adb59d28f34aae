"""The reconcile package."""
