"""Sample sources: a small server of ours that speaks what real sources speak.

For a first look at the catalogue without any outside source, and for tests. It speaks DCAT-AP-SE with
Hydra paging, OAI-PMH 2.0 and the CKAN action API, on sample descriptions of real public datasets.
"""
