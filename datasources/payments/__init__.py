"""Payment providers over their own wire forms, behind one protocol."""
