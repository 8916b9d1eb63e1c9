-- A database's name cannot be a parameter: the store puts it in, quoted. Refused while somebody has it open.
drop database if exists {name}
