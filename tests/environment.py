"""The environment of a test run, set before Django reads its settings (pytest loads this by -p)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_var = tempfile.mkdtemp(prefix="mimisbrunn-test-")
os.environ["MIMIS_VAR_DIR"] = _var
(Path(_var) / "static").mkdir()  # whitenoise warns when there is none
os.environ["MIMIS_SECRET_KEY"] = "only for tests"
os.environ["MIMIS_ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["MIMIS_HARVEST_ALLOWED_HOSTS"] = "127.0.0.1"
os.environ["MIMIS_HARVEST_POLITENESS_S"] = "0"
os.environ["MIMIS_LANGUAGE"] = "en"
# Tests of the second factor ask for it themselves.
os.environ["MIMIS_ACCESS_STRONG_SIGN_IN"] = "no"
# Tests that need the model ask for it themselves (marker `model`); the others must not wait for it.
os.environ["MIMIS_ENCODER_MODEL"] = "off"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["MIMIS_DATABASE_URL"] = os.environ.get("MIMIS_TEST_POSTGRESQL_URL") or (
    f"sqlite:///{Path(_var) / 'test.sqlite3'}"
)
