"""How rows come out of each sort of database: one short file per driver."""
