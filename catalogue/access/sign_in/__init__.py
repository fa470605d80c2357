"""Signing in: local accounts with second factors, and home organisations by OpenID Connect (docs/sign-in.md)."""
