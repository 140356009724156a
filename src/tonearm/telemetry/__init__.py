"""Telemetry: what the server says about itself while it runs. Logs go to standard error, never a secret in them."""
