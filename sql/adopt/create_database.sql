-- A database's name cannot be a parameter: the store puts it in, quoted.
create database {name}
