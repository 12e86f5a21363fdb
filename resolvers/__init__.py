"""What a field does: one thin function per query and mutation."""
