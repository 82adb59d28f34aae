"""The zoho package."""
