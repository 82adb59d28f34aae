"""The salesmanago package."""
