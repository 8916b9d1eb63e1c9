-- What the codes of a gateway mean here.
select code, meaning, wait
from seqconsole.codes
where source = :'source';
