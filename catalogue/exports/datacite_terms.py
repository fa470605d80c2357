"""The words of the DataCite Metadata Schema 4.6: its controlled lists, the names of identifier schemes, its JSON.

https://datacite-metadata-schema.readthedocs.io/en/4.6/appendices/appendix-1/ (December 2024).
"""

# ruff: noqa: SIM905 - lists of words are read, and compared with the schema, as words
from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

Json = dict[str, Any]

SCHEMA_VERSION: Final = "http://datacite.org/schema/kernel-4"
"""The registry checks metadata of this version against its schema; of one that it does not know it checks nothing."""

RESOURCE_TYPES: Final = frozenset(
    """Audiovisual Award Book BookChapter Collection ComputationalNotebook ConferencePaper ConferenceProceeding
    DataPaper Dataset Dissertation Event Image Instrument InteractiveResource Journal JournalArticle Model
    OutputManagementPlan PeerReview PhysicalObject Preprint Project Report Service Software Sound Standard
    StudyRegistration Text Workflow Other""".split()
)
CONTRIBUTOR_TYPES: Final = frozenset(
    """ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Producer
    ProjectLeader ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson Researcher
    ResearchGroup RightsHolder Sponsor Supervisor Translator WorkPackageLeader Other""".split()
)
RELATION_TYPES: Final = frozenset(
    """IsCitedBy Cites IsCollectedBy Collects IsSupplementTo IsSupplementedBy IsContinuedBy Continues IsDescribedBy
    Describes HasMetadata IsMetadataFor HasVersion IsVersionOf IsNewVersionOf IsPreviousVersionOf IsPartOf HasPart
    IsPublishedIn IsReferencedBy References IsDocumentedBy Documents IsCompiledBy Compiles IsVariantFormOf
    IsOriginalFormOf IsIdenticalTo IsReviewedBy Reviews IsDerivedFrom IsSourceOf IsRequiredBy Requires Obsoletes
    IsObsoletedBy HasTranslation IsTranslationOf""".split()
)
IDENTIFIER_TYPES: Final = frozenset(
    """ARK arXiv bibcode CSTR DOI EAN13 EISSN Handle IGSN ISBN ISSN ISTC LISSN LSID PMID PURL RRID UPC URL URN
    w3id""".split()
)
DATE_TYPES: Final = frozenset(
    """Accepted Available Copyrighted Collected Coverage Created Issued Submitted Updated Valid Withdrawn
    Other""".split()
)
TITLE_TYPES: Final = frozenset({"AlternativeTitle", "Subtitle", "TranslatedTitle", "Other"})
DESCRIPTION_TYPES: Final = frozenset(
    {"Abstract", "Methods", "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other"}
)
FUNDER_IDENTIFIER_TYPES: Final = frozenset({"Crossref Funder ID", "GRID", "ISNI", "ROR", "Other"})

MAX_RIGHTS: Final = 2000
"""The registry refuses a longer statement of rights."""

ORCID: Final = "https://orcid.org"
ROR: Final = "https://ror.org"
SPDX: Final = "https://spdx.org/licenses/"
SCHEME_OF_AGENT_ID: Final = MappingProxyType(
    {"orcid": ("ORCID", ORCID), "ror": ("ROR", ROR), "uri": ("URI", ""), "orgnr": ("orgnr", "")}
)
"""Scheme in a Record -> nameIdentifierScheme and schemeUri."""


def drop_empty(members: Json) -> Json:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value not in ("", None, [], {})}
