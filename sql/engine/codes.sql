-- What the codes of the gateways mean here.
select source, code, meaning, wait
from seqconsole.codes
where source = any (:'sources'::text[]);
