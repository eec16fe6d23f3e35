"""The only package that speaks Meta's Graph API."""
