"""Listing an OAI-PMH 2.0 source (http://www.openarchives.org/OAI/openarchivesprotocol.html, 2002) by ListRecords.

A run with `since` asks for changes only, from a little before that time. The time for the next run is
the server's own at the start of this one. Deleted headers are handed on whatever the source's
deletedRecord policy says; where it keeps none, only a full run shows what is gone, and how often
there is one is the runner's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import blake2b

from catalogue.errors import UpstreamError
from harvesters.base import Checkpoint, Fetcher, ListingEnd, Page, SourceConfig
from harvesters.errors import BadXml, UnreadablePage
from harvesters.protocols.oai_answers import Listed, OaiError, find_errors, read_answer, read_list, text_of
from harvesters.protocols.oai_dates import choose_granularity, format_from
from harvesters.protocols.oai_formats import choose_prefix
from harvesters.safe_xml import Element

STATUSES = frozenset({200, 400, 403, 404, 409, 422})
"""Errors of the protocol should come with 200, but repositories send them with these too."""

PAGES_REMEMBERED = 500


@dataclass
class Run:
    """The state of a listing: all that a checkpoint holds."""

    prefix: str
    started: str = ""  # the server's time
    since: str = ""  # `from` of the run
    begin: str = ""  # `from` of the current request series, later than `since` after a restart
    token: str = ""
    seen: list[str] = field(default_factory=list)  # digests of the last tokens and pages
    anchors: list[str] = field(default_factory=list)  # those of a page further back, see is_circle
    steps: int = 0
    count: int = 0  # since `begin`
    listed: int = 0  # in all
    total: int | None = None
    last_datestamp: str = ""
    is_ordered: bool = True  # datestamps never went back
    restarts: int = 0
    reasons: list[str] = field(default_factory=list)


class OaiPmhProtocol:
    """Lists an OAI-PMH source; see the module."""

    name = "oai_pmh"
    label = "OAI-PMH 2.0"
    options: Mapping[str, str] = {
        "metadata_prefix": "Metadata format to ask for; by default the richest that the source has and we read.",
        "set": "List only this set (setSpec).",
        "overlap_minutes": "How far before the last run changes are asked for (60; at least a day where the "
        "source's dates have no time).",
    }

    def pages(
        self, fetcher: Fetcher, config: SourceConfig, *, checkpoint: Checkpoint | None = None, since: str = ""
    ) -> Iterator[Page]:
        """Yield a Page per ListRecords answer. See HarvestProtocol."""
        run = Run(**checkpoint) if checkpoint else start_run(fetcher, config, since)
        while True:
            arguments = build_arguments(run, config)
            answer = fetch_list(fetcher, config.url, arguments, run.prefix)
            if not isinstance(answer, Listed):
                if any(error.code == "badResumptionToken" for error in answer) and restart(run):
                    continue
                yield finish_on_errors(run, answer)
                return
            page, is_last = take_page(run, answer)
            yield page
            if is_last:
                return


def start_run(fetcher: Fetcher, config: SourceConfig, since: str) -> Run:
    """Return a new run, after asking the source who it is and what formats it has."""
    identify = ask(fetcher, config.url, {"verb": "Identify"})
    granularity = choose_granularity(
        text_of(identify, "{*}Identify/{*}granularity"), text_of(identify, "{*}Identify/{*}earliestDatestamp")
    )
    overlap = timedelta(minutes=float(config.options.get("overlap_minutes") or 60))
    begin = format_from(since, granularity, overlap)
    prefix = str(config.options.get("metadata_prefix") or "")
    if not prefix:
        formats = ask(fetcher, config.url, {"verb": "ListMetadataFormats"})
        names = formats.iterfind("{*}ListMetadataFormats/{*}metadataFormat/{*}metadataPrefix")
        prefix = choose_prefix((name.text or "").strip() for name in names)
    return Run(prefix=prefix, started=text_of(identify, "{*}responseDate"), since=begin, begin=begin)


def ask(fetcher: Fetcher, url: str, arguments: Mapping[str, str]) -> Element:
    """Return the answer to a request that has one page. Raises UpstreamError for anything else."""
    response = fetcher.get(url, params=arguments, accept_status=STATUSES)
    try:
        root = read_answer(response.read(), response.url)
    except BadXml as error:
        raise UnreadablePage(f"{response.url} did not answer with OAI-PMH: {error}") from error
    if errors := find_errors(root):
        raise UpstreamError(f"The source answers {arguments['verb']} with {describe_errors(errors)}")
    return root


def build_arguments(run: Run, config: SourceConfig) -> dict[str, str]:
    """Return the arguments of the next ListRecords request: a token excludes all others."""
    if run.token:
        return {"verb": "ListRecords", "resumptionToken": run.token}
    arguments = {"verb": "ListRecords", "metadataPrefix": run.prefix}
    if run.begin:
        arguments["from"] = run.begin
    if config.options.get("set"):
        arguments["set"] = str(config.options["set"])
    return arguments


def fetch_list(
    fetcher: Fetcher, url: str, arguments: Mapping[str, str], prefix: str
) -> Listed | list[OaiError]:
    """Return one page of the listing, or the protocol's errors."""
    response = fetcher.get(url, params=arguments, accept_status=STATUSES)
    answer = read_list(response.read(), response.url, prefix)
    if response.status != 200 and isinstance(answer, Listed):
        raise UpstreamError(f"{response.url} answered with status {response.status}.", retryable=True)
    return answer


def take_page(run: Run, listed: Listed) -> tuple[Page, bool]:
    """Return the Page of an answer, and whether it is the last."""
    run.count += listed.count
    run.listed += listed.count
    run.total = listed.complete_size if listed.complete_size is not None else run.total
    for datestamp in listed.datestamps:
        run.is_ordered = run.is_ordered and datestamp >= run.last_datestamp
        run.last_datestamp = max(datestamp, run.last_datestamp)
    if listed.doubt:
        run.reasons.append(listed.doubt)
    if listed.cursor is not None and listed.cursor > run.count and listed.complete_size is None:
        run.reasons.append(
            f"The source counts {listed.cursor} records before a page where {run.count} had come."
        )
    is_last = not listed.token or is_circle(run, listed)
    run.token = listed.token
    end = finish(run) if is_last else None
    page = Page(
        records=tuple(listed.records),
        problems=tuple(listed.problems),
        checkpoint=None if is_last else asdict(run),
        total=run.total,
        end=end,
    )
    return page, is_last


def is_circle(run: Run, listed: Listed) -> bool:
    """Whether the pages have begun to repeat, which is then noted.

    The last pages are all remembered. For circles longer than that, so is one page further back,
    taken anew at each power of two (Brent's way): every circle comes round to it in the end.
    """
    token = digest(listed.token)
    content = digest("\n".join(record.remote_id + record.datestamp for record in listed.records))
    known = {*run.seen, *run.anchors}
    if token in known:
        run.reasons.append(
            "The source gave a resumption token that it had given before: the pages go in a circle."
        )
        return True
    if listed.records and content in known:
        run.reasons.append("The source gave a page that it had given before: the pages go in a circle.")
        return True
    run.seen = [*run.seen, token, content][-2 * PAGES_REMEMBERED :]
    run.steps += 1
    if run.steps.bit_count() == 1:
        run.anchors = [token, content]
    return False


def finish(run: Run) -> ListingEnd:
    """Return how the listing ended."""
    reasons = list(run.reasons)
    is_delta = bool(run.since)
    if run.total is not None and run.count < run.total:
        reasons.append(f"The source says that the list has {run.total} records, and {run.count} came.")
    if not run.listed and not is_delta:
        reasons.append("The source lists no records at all.")
    return ListingEnd(
        complete=not reasons,
        reason=" ".join(dict.fromkeys(reasons)),
        is_delta=is_delta,
        next_since=run.started if not reasons else "",
    )


def finish_on_errors(run: Run, errors: list[OaiError]) -> Page:
    """Return the last Page for a listing that ended with an error; noRecordsMatch is an empty success.

    Raises UpstreamError for every other one.
    """
    if any(error.code == "noRecordsMatch" for error in errors):
        return Page(end=finish(run))
    raise UpstreamError(f"The source answers ListRecords with {describe_errors(errors)}")


def restart(run: Run) -> bool:
    """Begin a new series of requests after the token expired; False when that was tried already.

    Where datestamps only rose, what came is kept and the list goes on from the last one; else it
    begins anew.
    """
    if not run.token or run.restarts:
        return False
    run.restarts += 1
    run.begin = run.last_datestamp if run.is_ordered and run.last_datestamp else run.since
    run.token, run.seen, run.anchors = "", [], []
    run.count, run.total = 0, None
    return True


def describe_errors(errors: list[OaiError]) -> str:
    """Return the source's errors in its own words."""
    return "; ".join(f"{error.code}: {error.message}" for error in errors)


def digest(text: str) -> str:
    """Return a short digest for the checkpoint."""
    return blake2b(text.encode(), digest_size=8).hexdigest()
