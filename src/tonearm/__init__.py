"""Tonearm: a scrobble server on the AT Protocol."""
