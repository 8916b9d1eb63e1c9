-- What is set at exactly this place.
select s.name, s.value
from seqconsole.settings s
where s.scope = :'scope' and s.key = :'key';
