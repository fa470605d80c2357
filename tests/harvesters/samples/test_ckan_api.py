"""The CKAN action API as a harvester sees it."""

import json

ACTIONS = "/ckan/api/3/action/"


def ask(client, action, **params):
    answer = client.ask(f"{ACTIONS}{action}", **params)
    return answer.status, json.loads(answer.data)


def test_search_pages_end_with_the_count(client):
    seen, start = [], 0
    while True:
        status, body = ask(client, "package_search", rows=1000, start=start, sort="metadata_created asc")
        assert (status, body["success"]) == (200, True)
        if not body["result"]["results"]:
            break
        assert len(body["result"]["results"]) <= 25
        seen += [package["name"] for package in body["result"]["results"]]
        start = len(seen)
    records = client.server.records.list_all("ckan")
    assert sorted(seen) == sorted(record.id for record in records)
    assert body["result"]["count"] == len(records)


def test_packages_have_what_ckan_demands(client):
    for record in client.server.records.list_all("ckan"):
        status, body = ask(client, "package_show", id=record.id)
        package = body["result"]
        assert status == 200
        assert all(isinstance(package[key], str) and package[key] for key in ("id", "name", "title", "notes"))
        assert package["organization"]["name"]
        assert package["license_id"]
        assert all(resource["url"] and resource["format"] for resource in package["resources"])
        assert not package["metadata_modified"].endswith("Z")
        keys = [extra["key"] for extra in package["extras"]]
        assert len(keys) == len(set(keys))


def test_show_by_uuid_is_the_same_package(client):
    by_name = ask(client, "package_show", id="coco")[1]["result"]
    assert ask(client, "package_show", id=by_name["id"])[1]["result"] == by_name


def test_search_filters_by_organization_tag_and_date(client):
    package = ask(client, "package_show", id="coco")[1]["result"]
    organization = package["organization"]["name"]
    found = ask(client, "package_search", fq=f"organization:{organization}")[1]["result"]
    assert [item["name"] for item in found["results"]] == ["coco"]
    found = ask(client, "package_search", fq=f'organization:{organization} AND tags:"object detection"')[1]
    assert found["result"]["count"] == 1
    client.server.records.change("coco", title={"en": "COCO 2"})
    day = client.server.records.get("coco").modified
    found = ask(client, "package_search", fq=f"metadata_modified:[{day}T00:00:00Z TO *]")[1]["result"]
    assert [item["title"] for item in found["results"]] == ["COCO 2"]


def test_search_with_no_rows_gives_the_count(client):
    result = ask(client, "package_search", rows=0)[1]["result"]
    assert result["results"] == []
    assert result["count"] == len(client.server.records.list_all("ckan"))


def test_search_unknown_organization_is_empty_and_no_error(client):
    assert ask(client, "package_search", fq="organization:atlantis")[1]["result"]["count"] == 0


def test_errors_have_ckans_status_and_body(client):
    for status, action, params in (
        (404, "package_show", {"id": "atlantis"}),
        (409, "package_show", {}),
        (409, "package_search", {"rows": "many"}),
        (409, "package_search", {"sort": "colour asc"}),
        (400, "package_burn", {}),
    ):
        got, body = ask(client, action, **params)
        assert (got, body["success"]) == (status, False)
        assert body["error"]["__type"]


def test_lists_are_sorted_and_status_has_a_version(client):
    names = ask(client, "package_list")[1]["result"]
    assert names == sorted(record.id for record in client.server.records.list_all("ckan"))
    assert ask(client, "package_list", limit=3, offset=1)[1]["result"] == names[1:4]
    organizations = ask(client, "organization_list")[1]["result"]
    assert organizations == sorted(set(organizations))
    assert ask(client, "organization_list", all_fields="true")[1]["result"][0]["title"]
    assert ask(client, "status_show")[1]["result"]["ckan_version"]


def test_posted_json_is_read_like_a_query(client):
    answer = client.pool.request("POST", f"{client.server.url}{ACTIONS}package_show", json={"id": "coco"})
    assert answer.json()["result"]["name"] == "coco"
