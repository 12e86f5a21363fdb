"""The home page as a client asks for it: hospitals, departments of each, and the coming days of each department."""

from dataclasses import dataclass

import orjson

GRAPHQL_PATH = "/graphql"
HANDWRITTEN_PATH = "/home-page"
STATIC_PATH = "/static"


@dataclass(frozen=True, slots=True)
class HomePage:
    """How much of everything one answer holds."""

    hospitals: int = 20
    departments: int = 5
    days: int = 7

    @property
    def query(self) -> str:
        """The operation that the graph is asked."""
        return f"""\
query HomePage {{
  hospitals(first: {self.hospitals}) {{
    nodes {{
      name
      code
      level {{ name value }}
      regionName
      address
      departments(first: {self.departments}) {{
        nodes {{
          code
          name
          bookableDays(first: {self.days}) {{
            nodes {{ date state capacity remaining }}
          }}
        }}
      }}
    }}
  }}
}}
"""

    @property
    def graphql_request(self) -> bytes:
        """The HTTP request to the graph, whole."""
        body = orjson.dumps({"query": self.query})
        return http_request("POST", GRAPHQL_PATH, body)

    @property
    def handwritten_request(self) -> bytes:
        """The HTTP request for the same answer to the hand-written endpoint, whole."""
        return http_request(
            "GET",
            f"{HANDWRITTEN_PATH}?hospitals={self.hospitals}&departments={self.departments}&days={self.days}",
        )


def http_request(method: str, target: str, body: bytes = b"", *, authorization: str = "") -> bytes:
    """An HTTP/1.1 request that keeps its connection; a body is JSON."""
    head = f"{method} {target} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n"
    if authorization:
        head += f"authorization: {authorization}\r\n"
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body
