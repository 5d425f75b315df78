"""Writes the transactions of each month into a file of its own."""

import pyarrow.compute as pc
import pyarrow.csv

from penstock import Dataset, Folder

transactions = Dataset("transactions_after").arrow()
months = pc.strftime(transactions["purchase_date"], format="%Y-%m")
folder = Folder("new_transaction_data")
for month in sorted(pc.unique(months).to_pylist()):
    with folder.open(f"{month}.csv", "wb") as file:
        pyarrow.csv.write_csv(transactions.filter(pc.equal(months, month)), file)
    print(f"wrote {month}.csv")
