"""Writes the flights of each month into a file of its own."""

import pyarrow.compute as pc
import pyarrow.csv

from penstock import Dataset, Folder

flights = Dataset("flights_after").arrow()
months = pc.strftime(flights["flight_date"], format="%Y-%m")
folder = Folder("monthly_files")
for month in sorted(pc.unique(months).to_pylist()):
    with folder.open(f"{month}.csv", "wb") as file:
        pyarrow.csv.write_csv(flights.filter(pc.equal(months, month)), file)
    print(f"wrote {month}.csv")
