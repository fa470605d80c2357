"""The relational truth. One file per subject; constraints first, no logic in save(), no signals."""

from catalogue.models.agent import Agent
from catalogue.models.curation import Act, Conflict, MappingRule, Override, Proposal
from catalogue.models.dataset import Dataset, DatasetQuerySet, dataset_iri
from catalogue.models.desk import Assignment, WorkComment
from catalogue.models.doi import Doi, DoiEvent, DoiPrefix
from catalogue.models.files import StoredFile, Upload
from catalogue.models.identifier import Identifier
from catalogue.models.matching import Match, MatchKey
from catalogue.models.outbox import Outbox
from catalogue.models.own import Concept, Draft, Edition, PublisherPolicy, concept_iri, map_minters
from catalogue.models.role import RoleGrant
from catalogue.models.run import Run, RunFailure
from catalogue.models.saved_search import SavedSearch, SearchHit
from catalogue.models.source import OWN_PROTOCOL, Source
from catalogue.models.source_record import SourceRecord, SourceVersion
from catalogue.models.user import User

__all__ = [
    "OWN_PROTOCOL",
    "Act",
    "Agent",
    "Assignment",
    "Concept",
    "Conflict",
    "Dataset",
    "DatasetQuerySet",
    "Doi",
    "DoiEvent",
    "DoiPrefix",
    "Draft",
    "Edition",
    "Identifier",
    "MappingRule",
    "Match",
    "MatchKey",
    "Outbox",
    "Override",
    "Proposal",
    "PublisherPolicy",
    "RoleGrant",
    "Run",
    "RunFailure",
    "SavedSearch",
    "SearchHit",
    "Source",
    "SourceRecord",
    "SourceVersion",
    "StoredFile",
    "Upload",
    "User",
    "WorkComment",
    "concept_iri",
    "dataset_iri",
    "map_minters",
]
