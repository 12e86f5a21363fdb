"""The graph as its clients read it: types, inputs, unions, directives. Declares; decides nothing."""
