"""How the tables of managed datasets are written in each sort of database: one short file per driver."""
