import json
from importlib.resources import files

from server.demo.draws import Draws
from server.demo.people import invented_name


def test_names_of_well_known_people_are_never_drawn() -> None:
    taken = json.loads((files("server.demo") / "data" / "names.json").read_text(encoding="utf-8"))["taken"]
    drawn = {invented_name(Draws(f"name:{number}")) for number in range(100_000)}
    assert len(drawn) > 50_000
    assert not drawn.intersection(taken)
