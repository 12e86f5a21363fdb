"""Files that people bring: uploaded by a signed link, inspected before anybody sees them, handed out by short links."""
