"""`/datasets`: search, the listing of everything, and the feed of changes."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import answer_with_links
from catalogue.api.schema import PAGING, describe
from catalogue.api.searching import PARAMETERS, SETTLING_S, SORTS, answer
from catalogue.api.serializers.datasets import DatasetListSerializer
from catalogue.api.view import ApiView
from catalogue.search.engine import FACETS
from catalogue.search.query import DEEPEST_RESULT, LONGEST_TEXT, MOST_WORDS
from catalogue.throttles import AccountThrottle, AnonymousThrottle, SearchThrottle

_FACET_WORDS = {
    "theme": "IRI of a theme.",
    "publisher": "Slug of a publisher.",
    "source": "Slug of a source.",
    "format": "IRI of a file format.",
    "license": "IRI of a licence.",
    "access": "IRI of an access class.",
    "language": "IRI of a language.",
    "year": "A year that the data is about, such as 2024.",
}
NARROWING_PARAMETERS = (
    *(
        OpenApiParameter(name, {"type": "array", "items": {"type": "string"}}, description=_FACET_WORDS[name])
        for name in FACETS
    ),
    OpenApiParameter("year_from", int, description="The data is about this year or a later one."),
    OpenApiParameter("year_to", int, description="The data is about this year or an earlier one."),
    OpenApiParameter("size_min", str, description="Bytes, or a size such as 10MiB: all files together."),
    OpenApiParameter("size_max", str, description="Bytes, or a size such as 2GiB: all files together."),
    OpenApiParameter(
        "bbox",
        str,
        description="west,south,east,north in degrees: the data is about a place that touches this box. "
        "West may be greater than east, across the 180th meridian.",
    ),
)
_DESCRIPTION = f"""
**Search**: with `q`, or with a filter other than `publisher` and `source`. `q` takes words,
`"phrases"`, `-without`, `field:value` (such as `format:csv` or `title:lake`) and identifiers; any text is
legal. Values of one filter are alternatives, different filters are all required. The first
{DEEPEST_RESULT} results can be paged through; a cursor is a place in the ranking, and the ranking moves
with the index.

**Listing**: without these. Everything, in the order of change; walk it by `next`. There is no depth
limit, and nothing is missed when records change meanwhile.

**Feed of changes**: with `changed_since`. Datasets that changed since then as they are now, and
tombstones of those that went (`state` is `gone`) or were joined to another (`merged`). `next` is null at the end; ask `resume` later for what
came since. The feed ends {SETTLING_S} seconds before now.
"""


class DatasetsView(ApiView):
    """Search and listing."""

    parameters = PARAMETERS
    throttle_classes = (AnonymousThrottle, AccountThrottle, SearchThrottle)

    @describe(
        "Search, list, or follow the changes of datasets",
        DatasetListSerializer,
        operation="listDatasets",
        tags=["Datasets"],
        description=_DESCRIPTION,
        parameters=[
            OpenApiParameter(
                "q",
                str,
                description=(
                    f"The question. {LONGEST_TEXT} characters and {MOST_WORDS} words of it are read; the notice "
                    "`question-cut` says that there was more."
                ),
            ),
            *NARROWING_PARAMETERS,
            OpenApiParameter(
                "fits",
                str,
                enum=("0", "1"),
                description="`1`: only what is asked for here and your saved purpose does not exclude.",
            ),
            OpenApiParameter(
                "sort",
                str,
                enum=SORTS,
                description="`relevance` by default in a search; `changed` is the listing's order.",
            ),
            OpenApiParameter("changed_since", str, description="Date or date-time: the feed of changes."),
            *PAGING,
        ],
        problems=(503,),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        body, self.changed_at = answer(request)
        links = {name: body[name] for name in ("next", "previous")}
        return answer_with_links(request, DatasetListSerializer(body).data, links)
