"""The command that serves the sample sources."""

import pytest
from django.core.management import CommandError, call_command


def test_command_port_in_use_says_what_to_do(server):
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{port}.*--port"):
        call_command("sample_sources", port=port)


def test_command_unknown_fault_lists_the_known_ones():
    with pytest.raises(CommandError, match=r"earthquake.*http500"):
        call_command("sample_sources", port=0, faults="earthquake")
