"""The commands, as an operator and as a script use them."""
